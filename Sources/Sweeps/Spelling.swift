/// Finds what a misspelt word was meant to be.
package enum Spelling {
    /// The known word with the fewest mistakes between it and `word`; `nil` where none is near.
    ///
    /// Near means at most one mistake in three letters, and one mistake is always near. Of equally near words the
    /// first wins.
    package static func nearest(to word: String, among known: some Sequence<String>) -> String? {
        var best: (word: String, distance: Int)?
        for candidate in known {
            let distance = distance(word, candidate)
            let isNear = distance <= max(1, max(word.utf8.count, candidate.utf8.count) / 3)
            if isNear, distance < best?.distance ?? .max { best = (candidate, distance) }
        }
        return best?.word
    }

    /// Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other.
    ///
    /// The optimal string alignment distance (Damerau 1964, with no letter edited twice).
    ///
    /// - Complexity: O(n·m) for words of n and m bytes.
    package static func distance(_ first: String, _ second: String) -> Int {
        let (a, b) = (Array(first.utf8), Array(second.utf8))
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var current = [i + 1]
            for j in b.indices {
                var distance = min(last[j + 1] + 1, current[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    distance = min(distance, beforeLast[j - 1] + 1)
                }
                current.append(distance)
            }
            (beforeLast, last) = (last, current)
        }
        return last[b.count]
    }

    /// The end of a message: `; nearest known key 'width'`, or else all the known words.
    ///
    /// A path that ends with the word is nearest of all.
    package static func hint(for word: String, among known: [String], called noun: String) -> String {
        let path = known.first { $0.hasSuffix(".\(word)") }
        if let nearest = path ?? nearest(to: word, among: known) {
            return "; nearest known \(noun) '\(nearest)'"
        }
        return known.isEmpty ? "" : "; known: \(known.joined(separator: ", "))"
    }
}
