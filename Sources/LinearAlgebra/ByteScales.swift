/// How the bytes of each plane of an image become numbers: x ↦ gain · x + shift.
///
/// Columns instead of pairs, so that a kernel takes them as they are.
public struct ByteScales: Hashable, Sendable {
    public let gains: [Double]
    public let shifts: [Double]

    /// - Precondition: There are as many gains as shifts, and at least one of each.
    public init(gains: [Double], shifts: [Double]) {
        precondition(
            gains.count == shifts.count && !gains.isEmpty, "\(gains.count) gains, \(shifts.count) shifts")
        self.gains = gains
        self.shifts = shifts
    }

    /// Planes of an image.
    public var count: Int { gains.count }

    /// One byte of a plane, with exactly the bits that a gathered one has.
    public func scaled(_ byte: UInt8, plane: Int) -> Float {
        Float(gains[plane] * Double(byte) + shifts[plane])
    }
}
