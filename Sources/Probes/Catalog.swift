public import Sweeps

/// The probes that a sweep file may list under `measure.probes`.
public enum Catalog {
    /// In the order of their columns in `measurements.csv`.
    public static let probes: [any Probe.Type] = [
        JacobianNorm.self, LocalComplexity.self,
        // Kubo.
        GroupSimilarity.self, LargeActivation.self,
        // Lin.
        LinearProbe.self, LinearMap.self, RankDistribution.self, ClassClustering.self, AttractionBasins.self,
        Flatness.self, LogitProjection.self, BatchStatistics.self,
    ]

    /// Probes that are refused until they are built.
    public static let planned = [
        CatalogEntry(
            "tangent-hessian-norm", "Change of the Jacobian under colour jitter (Gamba).", isBuilt: false),
        CatalogEntry("path-integrals", "Volume integrals along augmentation paths (Gamba).", isBuilt: false),
        CatalogEntry("linear-regions", "Exact count of linear regions on a plane (Humayun).", isBuilt: false),
    ]

    /// Every entry, built or planned.
    public static var entries: [CatalogEntry] { probes.map { $0.entry } + planned }
}
