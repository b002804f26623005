/// How large a message may be; checked before anything is allocated for it.
public struct WireLimits: Hashable, Sendable {
    /// Largest frame, which is also what the socket is told to accept (`ZMQ_MAXMSGSIZE`).
    public var frameBytesMax: Int
    /// Largest JSON body.
    public var bodyBytesMax: Int
    /// Most assignments in one list.
    public var assignmentsMax: Int
    /// Longest text field.
    public var textBytesMax: Int

    public init(frameBytesMax: Int, bodyBytesMax: Int, assignmentsMax: Int, textBytesMax: Int) {
        self.frameBytesMax = frameBytesMax
        self.bodyBytesMax = bodyBytesMax
        self.assignmentsMax = assignmentsMax
        self.textBytesMax = textBytesMax
    }

    /// 4 MiB a frame bounds what an unknown peer can make us allocate and is a hundred times the usual result; the
    /// other limits are ten times what real sweeps need.
    public static let standard = WireLimits(
        frameBytesMax: 4 << 20, bodyBytesMax: 1 << 20, assignmentsMax: 4096, textBytesMax: 16 << 10)
}
