internal import Sweeps

/// One file of CIFAR's Python version: a pickled dictionary of pixels, an array of NumPy [images × 3072], and lists of
/// labels.
struct CIFARPickle {
    private let entries: PickledDictionary
    private let path: String

    /// - Throws: ``DatasetError/damaged(file:problem:)`` for what is no such pickle.
    init(_ bytes: [UInt8], path: String) throws(DatasetError) {
        self.path = path
        guard case .dictionary(let entries) = try PickleReader.value(of: bytes, path: path) else {
            throw .damaged(file: path, problem: "its pickle is no dictionary")
        }
        self.entries = entries
    }

    /// The images as the binary version has them: labels, then pixels, image by image.
    ///
    /// - Parameters:
    ///   - count: Images that there should be.
    ///   - keys: Of the lists of labels.
    /// - Returns: [count][labels, then 3,072 pixels].
    /// - Throws: ``DatasetError/damaged(file:problem:)`` for arrays and lists that are missing or of another size.
    func records(of count: Int, labels keys: [String]) throws(DatasetError) -> [UInt8] {
        let pixels = try pixels(of: count)
        var labels: [[UInt8]] = []
        for key in keys { labels.append(try self.labels(key, count: count)) }
        let size = CIFARFiles.shape.count
        var records: [UInt8] = []
        records.reserveCapacity(count * (keys.count + size))
        for image in 0..<count {
            for label in labels { records.append(label[image]) }
            records += pixels.dropFirst(image * size).prefix(size)
        }
        return records
    }

    /// What `numpy.core.multiarray._reconstruct` was to be given: version, shape, type, order of columns, bytes.
    private func pixels(of count: Int) throws(DatasetError) -> ArraySlice<UInt8> {
        guard case .object(let array) = entries["data"], array.maker.hasSuffix("_reconstruct"),
            case .tuple(let state) = array.state, state.count == 5, case .tuple(let shape) = state[1],
            case .object(let type) = state[2], type.arguments.first?.text == "u1", state[3].integer == 0,
            case .bytes(let pixels) = state[4]
        else { throw .damaged(file: path, problem: "its pickle has no array 'data' of bytes") }
        let size = CIFARFiles.shape.count
        guard shape.map(\.integer) == [count, size], pixels.count == count * size else {
            throw .damaged(file: path, problem: "its array 'data' is not \(count) × \(size)")
        }
        return pixels
    }

    private func labels(_ key: String, count: Int) throws(DatasetError) -> [UInt8] {
        guard case .list(let list) = entries[key], list.items.count == count else {
            throw .damaged(file: path, problem: "its pickle has no list '\(key)' of \(count) labels")
        }
        let labels = list.items.compactMap { $0.integer.flatMap(UInt8.init(exactly:)) }
        guard labels.count == count else {
            throw .damaged(file: path, problem: "its list '\(key)' holds something else than labels")
        }
        return labels
    }
}
