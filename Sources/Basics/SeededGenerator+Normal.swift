extension SeededGenerator {
    /// A draw from the standard normal distribution.
    ///
    /// Marsaglia's polar method, with the logarithm and the square root computed by ``naturalLogarithm(_:)`` below
    /// and the processor: both give the same bits on every machine, which the C library does not promise.
    public mutating func normal() -> Double {
        while true {
            let u = uniform(-1, 1)
            let v = uniform(-1, 1)
            let s = u * u + v * v
            if s > 0, s < 1 { return u * (-2 * naturalLogarithm(s) / s).squareRoot() }
        }
    }
}

/// The natural logarithm of a positive finite number, to about 1 ulp, from additions and multiplications only.
///
/// log(m · 2ᵉ) = e · log 2 + 2 artanh((m − 1)/(m + 1)) with m in [√½, √2); the odd series of artanh is cut where
/// its terms fall below the last bit.
///
/// - Precondition: `x` is positive and finite.
public func naturalLogarithm(_ x: Double) -> Double {
    precondition(x > 0 && x.isFinite, "the logarithm of \(x) is not a finite number")
    var exponent = Double(x.exponent)
    var significand = x.significand
    if significand > 1.414_213_562_373_095_1 {
        significand /= 2
        exponent += 1
    }
    let t = (significand - 1) / (significand + 1)
    let square = t * t
    var sum = 0.0
    var divisor = 23.0
    while divisor >= 3 {
        sum = sum * square + 1 / divisor
        divisor -= 2
    }
    // log 2 in two parts: the high one times an exponent is exact.
    let high = 0x1.62e42fefa38p-1
    let low = 0x1.ef35793c7673p-45
    return exponent * high + (2 * t + (2 * t * square * sum + exponent * low))
}
