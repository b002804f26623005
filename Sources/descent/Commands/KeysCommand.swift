import ArgumentParser
import Runtime
import ZeroMQ

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make, list and revoke the keys of workers.",
        discussion: """
            A worker on another machine needs a key: one file, which holds its own pair and says which coordinator to \
            trust. Carry it there by a way you trust, and keep it readable by its owner alone. Coordinators read \
            changes while they run.

            Examples:
              descent keys make node7 node8
              scp ~/.config/descent/keys/workers/node7.key node7:
              descent coordinator my.yaml --listen 'tcp://*:5555'
              ssh node7 descent worker --connect tcp://head:5555 --key node7.key
            """,
        subcommands: [Make.self, List.self, Revoke.self, Show.self])

    struct Make: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "make",
            abstract: "Make keys that the coordinator lets in, and print their files.",
            discussion: """
                Makes the coordinator's own pair with the first.

                Example:
                  descent keys make node7 node8
                """)

        @Argument(help: "What to call each key: letters, digits, '-' and '_'.")
        var names: [String]

        @OptionGroup var options: KeyFolderOptions

        func run() throws {
            let folder = try options.keyFolder()
            for name in names { print(try folder.makeWorker(name)) }
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list",
            abstract: "Show which keys are allowed and which are revoked.",
            discussion: """
                Example:
                  descent keys list
                """)

        @OptionGroup var options: KeyFolderOptions

        @Flag(help: "Print JSON.")
        var json = false

        private struct Line: Encodable {
            let name: String
            let key: String
            let state: String
        }

        func run() throws {
            let lines = try options.keyFolder().allowList().entries.map {
                Line(name: $0.name, key: $0.key.text, state: $0.state.rawValue)
            }
            if json { return try printJSON(lines) }
            var table = Table(["name", "public key", "state"])
            for line in lines { table.append([line.name, line.key, line.state]) }
            print(table.text)
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "revoke",
            abstract: "Shut the owners of keys out for good.",
            discussion: """
                A running coordinator ends their sessions within a second; others get what they held.

                Example:
                  descent keys revoke node7
                """)

        @Argument(help: "What the keys are called.")
        var names: [String]

        @OptionGroup var options: KeyFolderOptions

        func run() throws {
            let folder = try options.keyFolder()
            for name in names {
                try folder.revoke(name)
                let command = "descent keys make \(name)\(options.text)"
                printError("\(name) is revoked; a new key of that name: \(command)")
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show",
            abstract: "Print the public key of the coordinator or of a worker, never the secret one.",
            discussion: """
                Examples:
                  descent keys show
                  descent keys show node7
                """)

        @Argument(help: "What the worker's key is called (default: the coordinator's).")
        var name: String?

        @OptionGroup var options: KeyFolderOptions

        func run() throws {
            let folder = try options.keyFolder()
            guard let name else { return print(try folder.coordinatorKeys().publicKey) }
            guard let entry = try folder.allowList()[name] else {
                throw KeyError.unknownName(name, folder: folder.path)
            }
            print(entry.key)
        }
    }
}
