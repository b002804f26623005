import Basics

#if canImport(Glibc)
    import Glibc
#endif

/// Seeds for a property test: `count` of them derived from `SEED_BASE`, or the one in `SEED`.
///
/// Put the seed into the failure message as `SEED=<seed>`, so that it can be pasted.
public func seeds(_ count: Int) -> [UInt64] {
    if let only = getenv("SEED").flatMap({ UInt64(String(cString: $0)) }) { return [only] }
    let base = getenv("SEED_BASE").flatMap { UInt64(String(cString: $0)) } ?? 0
    var generator = SeededGenerator(seed: base, stream: "seeds of property tests")
    return (0..<count).map { _ in generator.next() >> 16 }
}

/// Runs `body` for every value: enumerate small cases before sampling large ones.
public func withEvery<Values: Collection>(
    _ name: String, in values: Values, _ body: (Values.Element) throws -> Void
) rethrows {
    for value in values { try body(value) }
}
