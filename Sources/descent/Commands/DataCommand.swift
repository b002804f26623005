import ArgumentParser
import Datasets
import Foundation
import Sweeps

struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Find, verify and fetch data sets.",
        discussion: """
            Example:
              descent data list
              descent data fetch cifar10
              descent data check cifar10
            """,
        subcommands: [DataListCommand.self, DataCheckCommand.self, DataFetchCommand.self])
}

/// Says where the files of each data set are.
struct DataListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Say which data sets this machine has, and where.",
        discussion: """
            Looks in $DESCENT_DATA/<name>, then where 'descent data fetch' puts files, then in the system's folders; \
            opens nothing.

            Example:
              descent data list --json
            """)

    @Flag(help: "Print JSON.")
    var json = false

    struct Line: Encodable {
        let name: String
        let available: Bool
        /// `null` for data sets without files, and for files that are not there.
        let folder: String?
        let summary: String
    }

    func run() throws {
        let lines = Catalog.datasets.map { entry in
            do {
                let folder = try DatasetInspection.locate(entry.name)
                return Line(name: entry.name, available: true, folder: folder, summary: entry.summary)
            } catch {
                return Line(name: entry.name, available: false, folder: nil, summary: entry.summary)
            }
        }
        if json { return try printJSON(lines) }
        var table = Table(["data set", "files", "what it is"])
        for line in lines {
            let place =
                line.folder ?? (line.available ? "none needed" : "not here; descent data fetch \(line.name)")
            table.append([line.name, place, line.summary])
        }
        print(table.text)
    }
}

/// Verifies the files of a data set.
struct DataCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Verify the files of a data set: published checksums, sizes and labels.",
        discussion: """
            Each file is 'published' (its MD5 sum is the one that was published), 'intact' (sizes, labels and inner \
            checksums are right, but it is unpacked or packed anew) or 'damaged'. Exits with 65 where a sweep could not \
            use the files, with 66 where there are none.

            Example:
              descent data check fashion-mnist
              descent data check cifar10 --path data/cifar-10
            """)

    @Argument(help: "A data set of the catalog.")
    var name: String

    @Option(help: "The folder of its files; default: where sweeps look.", completion: .directory)
    var path: String?

    @Flag(help: "Print JSON.")
    var json = false

    struct Report: Encodable {
        struct File: Encodable {
            let path: String
            let state: String
        }

        let name: String
        let folder: String?
        let files: [File]
        let problem: String?
    }

    func run() throws {
        let inspection = try DatasetInspection(of: name, path: path)
        if json {
            try printJSON(
                Report(
                    name: inspection.name, folder: inspection.folder,
                    files: inspection.files.map { .init(path: $0.path, state: $0.state.rawValue) },
                    problem: inspection.problem))
        } else if inspection.folder == nil {
            print("\(name) needs no files")
        } else {
            for file in inspection.files {
                print(
                    "\(file.state.rawValue.padding(toLength: 9, withPad: " ", startingAt: 0))  \(file.path)")
            }
        }
        if let problem = inspection.problem { throw UnusableDataset(problem: problem) }
    }
}

/// Files that no sweep could use.
struct UnusableDataset: Error, CustomStringConvertible {
    let problem: String

    var description: String { problem }
}

/// Downloads a data set.
struct DataFetchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fetch",
        abstract: "Download the published files of a data set, and verify them.",
        discussion: """
            Files go to --path, else to $DESCENT_DATA/<name>, else to $XDG_DATA_HOME/descent/<name> \
            (~/.local/share/descent/<name>); sweeps find them in the last two. A file takes its name once its MD5 sum is the \
            published one; a download that breaks off goes on from there. The transfer is curl's, which heeds \
            https_proxy and its kin.

            Example:
              descent data fetch cifar10
              descent data fetch mnist --path data/mnist --from https://mirror.example/mnist/
            """)

    @Argument(help: "A data set of the catalog.")
    var name: String

    @Option(help: "The folder to put the files in.", completion: .directory)
    var path: String?

    @Option(help: ArgumentHelp("Fetch from another server that has the same files.", valueName: "url"))
    var from: String?

    func run() throws {
        guard let dataset = PublishedDataset.named(name) else { throw FetchError.notPublished(name: name) }
        let fetcher = try DatasetFetcher(
            dataset, path: path, source: from, showsProgress: isatty(STDERR_FILENO) == 1)
        for file in dataset.files { printError("fetching \(file.name) to \(fetcher.folder)") }
        try fetcher.fetch { path, outcome in
            print(outcome == .present ? "there already, verified: \(path)" : "fetched, verified: \(path)")
        }
    }
}
