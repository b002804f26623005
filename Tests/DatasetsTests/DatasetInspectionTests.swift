import Datasets
import Foundation
import Sweeps
import Testing

@Suite("Inspecting data sets")
struct DatasetInspectionTests {
    @Test("every data set that is read from files has published ones")
    func published() {
        let withFiles = Catalog.datasets.filter { $0.options.contains { $0.key == "path" } }.map(\.name)
        #expect(PublishedDataset.all.map(\.name) == withFiles)
        for file in PublishedDataset.all.flatMap(\.files) { #expect(file.md5.count == 32, "\(file.name)") }
    }

    @Test("files that hold fewer images than were published are a problem, though each is well-formed")
    func fewImages() throws {
        let files = try IDXFolder()
        try files.write()
        let inspection = try DatasetInspection(of: "mnist", path: files.folder.path)
        #expect(inspection.problem?.contains("holds 5 images instead of the published 60000") == true)
        #expect(inspection.files.map(\.state) == [.damaged, .intact, .intact, .intact])
    }

    @Test("a damaged file is named")
    func damaged() throws {
        let files = try IDXFolder()
        files.contents[IDXFolder.testLabels]?.removeLast()
        try files.write()
        let inspection = try DatasetInspection(of: "mnist", path: files.folder.path)
        #expect(inspection.problem?.contains("is truncated") == true)
        #expect(inspection.files.map(\.state) == [.intact, .intact, .intact, .damaged])
    }

    @Test("CIFAR's files of the right sizes and labels are intact")
    func intact() throws {
        let folder = try TemporaryFolder("cifar")
        for (name, count) in [("train.bin", 50_000), ("test.bin", 10_000)] {
            try folder.write([], to: name)
            try FileHandle(forWritingTo: URL(filePath: "\(folder.path)/\(name)"))
                .truncate(atOffset: UInt64(count * 3074))
        }
        let inspection = try DatasetInspection(of: "cifar100", path: folder.path)
        #expect(inspection.problem == nil)
        #expect(inspection.files.map(\.state) == [.intact, .intact])
        #expect(inspection.folder == folder.path)
    }

    @Test("data sets without files have none to inspect, and unknown names are refused with the choices")
    func withoutFiles() throws {
        #expect(try DatasetInspection(of: "digits").files.isEmpty)
        let error = #expect(throws: DatasetError.self) { try DatasetInspection(of: "cifar") }
        #expect(error?.description.contains("cifar10, cifar100") == true)
    }
}
