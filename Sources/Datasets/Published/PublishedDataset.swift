/// The files of a data set as its authors published them, with checksums.
///
/// The MD5 sums are those that torchvision verifies (`torchvision/datasets/mnist.py` and `cifar.py`) and that the
/// page of CIFAR prints (https://www.cs.toronto.edu/~kriz/cifar.html).
public struct PublishedDataset: Hashable, Sendable {
    /// How sweep files name the data set.
    public let name: String
    /// Where its files are, with a slash at the end.
    public let source: String
    public let files: [File]
    /// Files of another version that serve as well, and the archive that they come in.
    public let alternatives: [File]

    /// One published file.
    public struct File: Hashable, Sendable {
        public let name: String
        /// 32 lower-case hexadecimal digits.
        public let md5: String
    }

    /// The data sets that are read from files, in the order of the catalog.
    public static let all = [
        PublishedDataset(
            "mnist", from: "https://ossci-datasets.s3.amazonaws.com/mnist/",
            [
                ("train-images-idx3-ubyte.gz", "f68b3c2dcbeaaa9fbdd348bbdeb94873"),
                ("train-labels-idx1-ubyte.gz", "d53e105ee54ea40749a09fcbcd1e9432"),
                ("t10k-images-idx3-ubyte.gz", "9fb629c4189551a2d022fa330f9573f3"),
                ("t10k-labels-idx1-ubyte.gz", "ec29112dd5afa0611ce80d1b7f02629c"),
            ]),
        PublishedDataset(
            "fashion-mnist", from: "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
            [
                ("train-images-idx3-ubyte.gz", "8d4fb7e6c68d591d4c3dfef9ec88bf0d"),
                ("train-labels-idx1-ubyte.gz", "25c81989df183df01b3e8a0aad5dffbe"),
                ("t10k-images-idx3-ubyte.gz", "bef4ecab320f06d8554ea6380940ec79"),
                ("t10k-labels-idx1-ubyte.gz", "bb300cfdad3c16e7a12a480ee83cd310"),
            ]),
        PublishedDataset(
            "cifar10", from: "https://www.cs.toronto.edu/~kriz/",
            [("cifar-10-binary.tar.gz", "c32a1d4ab5d03f1284b67883e8d87530")],
            alternatives: [
                ("cifar-10-python.tar.gz", "c58f30108f718f92721af3b95e74349a"),
                ("data_batch_1", "c99cafc152244af753f735de768cd75f"),
                ("data_batch_2", "d4bba439e000b95fd0a9bffe97cbabec"),
                ("data_batch_3", "54ebc095f3ab1f0389bbae665268c751"),
                ("data_batch_4", "634d18415352ddfa80567beed471001a"),
                ("data_batch_5", "482c414d41f54cd18b22e5b47cb7c3cb"),
                ("test_batch", "40351d587109b95175f43aff81a1287e"),
            ]),
        PublishedDataset(
            "cifar100", from: "https://www.cs.toronto.edu/~kriz/",
            [("cifar-100-binary.tar.gz", "03b5dce01913d631647c71ecec9e9cb8")],
            alternatives: [
                ("cifar-100-python.tar.gz", "eb9058c3a382ffc7106e4002c42a8d85"),
                ("train", "16019d7e3df5f24257cddd939b257f8d"),
                ("test", "f0ef6b0ae62326f3e7ffdfab6717acfc"),
            ]),
    ]

    /// - Parameters:
    ///   - name: Of the data set.
    ///   - source: An address with a slash at the end.
    ///   - files: Names and MD5 sums.
    ///   - alternatives: Likewise, of files that serve as well.
    public init(
        _ name: String, from source: String, _ files: [(name: String, md5: String)],
        alternatives: [(name: String, md5: String)] = []
    ) {
        self.name = name
        self.source = source
        self.files = files.map { File(name: $0.name, md5: $0.md5) }
        self.alternatives = alternatives.map { File(name: $0.name, md5: $0.md5) }
    }

    /// The data set of a name; `nil` where it has no files.
    public static func named(_ name: String) -> PublishedDataset? { all.first { $0.name == name } }
}
