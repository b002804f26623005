public import Sweeps

/// The probes that a sweep file may list under `measure.probes`.
public enum Catalog {
    /// In the order of their columns in `measurements.csv`.
    public static let probes: [any Probe.Type] = [
        JacobianNorm.self, LocalComplexity.self,
        // Gamba.
        TangentHessianNorm.self, InputOutputJacobian.self, PathIntegrals.self,
        // Humayun.
        LinearRegions.self, Partition.self,
        // Kubo.
        GroupSimilarity.self, LargeActivation.self,
        // Lin.
        LinearProbe.self, LinearMap.self, RankDistribution.self, ClassClustering.self, AttractionBasins.self,
        Flatness.self, LogitProjection.self, BatchStatistics.self,
    ]

    /// What each is called and which options it has.
    public static var entries: [CatalogEntry] { probes.map { $0.entry } }
}
