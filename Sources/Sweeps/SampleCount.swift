/// How many samples of a data set are used, and which.
public enum SampleCount: Hashable, Sendable {
    /// Every sample there is.
    case all
    /// So many, drawn with the seed and without replacement.
    case drawn(Int)
    /// The first so many of the file.
    case first(Int)

    /// A count as sweep files write it: `N`, `{first: N}` or `all`; `nil` for anything else.
    public init?(_ setting: Setting) {
        switch setting {
        case .text("all"): self = .all
        case .map(let map):
            guard map.keys == ["first"], let count = map["first"]?.asWholeNumber, count >= 1 else {
                return nil
            }
            self = .first(count)
        default:
            guard let count = setting.asWholeNumber, count >= 1 else { return nil }
            self = .drawn(count)
        }
    }

    /// The one way in which configurations write this count.
    public var setting: Setting {
        switch self {
        case .all: "all"
        case .drawn(let count): .integer(count)
        case .first(let count): ["first": .integer(count)]
        }
    }
}
