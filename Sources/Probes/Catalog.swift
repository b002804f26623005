public import Sweeps

/// The probes that a sweep file may list under `measure.probes`.
public enum Catalog {
    /// In the order of their columns in `measurements.csv`.
    public static let probes: [any Probe.Type] = [JacobianNorm.self, LocalComplexity.self]

    /// Probes that are refused until they are built.
    public static let planned = [
        CatalogEntry(
            "tangent-hessian-norm", "Change of the Jacobian under colour jitter (Gamba).", isBuilt: false),
        CatalogEntry("path-integrals", "Volume integrals along augmentation paths (Gamba).", isBuilt: false),
        CatalogEntry(
            "group-similarity", "Cosine similarity of clean and noisy group means (Kubo).", isBuilt: false),
        CatalogEntry(
            "large-activation", "Ratio of the largest activation to the rest (Kubo).", isBuilt: false),
        CatalogEntry("linear-probe", "Least-squares accuracy from every layer (Lin).", isBuilt: false),
        CatalogEntry("linear-map", "Accuracy with the tail made linear (Lin).", isBuilt: false),
        CatalogEntry(
            "rank-distribution", "Rank of each unit's contribution to its class (Lin).", isBuilt: false),
        CatalogEntry(
            "attraction-basins", "Accuracy under noise on samples and weights (Lin).", isBuilt: false),
        CatalogEntry("linear-regions", "Exact count of linear regions on a plane (Humayun).", isBuilt: false),
    ]

    /// Every entry, built or planned.
    public static var entries: [CatalogEntry] { probes.map { $0.entry } + planned }
}
