/// A sweep file as it was written, before anything is known about its keys.
///
/// Settings keep their keys sorted, but the order of the axes matters, so `grid` stands apart.
public struct SweepDocument: Hashable, Sendable {
    /// All of the file but `grid`.
    public var settings: Setting
    /// Paths and what the file says of their values, in the order of the file.
    public var grid: [SettingMap.Entry]

    public init(settings: Setting, grid: [SettingMap.Entry] = []) {
        self.settings = settings
        self.grid = grid
    }
}

extension SettingMap.Entry {
    /// One axis of a document.
    public init(_ path: String, _ values: Setting) { self.init(key: path, setting: values) }
}

extension SweepSpec {
    /// Reads a document; what cannot be understood is left out of the spec and reported.
    ///
    /// Keys that describe tasks are taken as they are: ``Grid/init(_:schema:)`` validates them.
    ///
    /// - Parameters:
    ///   - document: What the file says.
    ///   - name: What the sweep is called where the file does not say.
    ///   - schema: Writes out what the file abbreviates.
    ///   - problems: Grows by what is wrong, with paths as in the file: `exclude[0].model.width`.
    public init(_ document: SweepDocument, name: String, schema: Schema, problems: inout [SettingProblem]) {
        var reader = DocumentReader(settings: document.settings)
        reader.checkFormat()
        let name = reader.name(standard: name)
        var base = document.settings.asMap ?? SettingMap()
        for key in Schema.sweepKeys { base[key] = nil }
        let axes = reader.axes(document.grid)
        self.init(
            name: name, base: schema.writingOutShorthands(.map(base)), axes: axes,
            exclude: reader.exclusions(),
            include: reader.inclusions(), report: reader.report(axes: axes.map(\.path)))
        problems += reader.problems
    }

    /// Why a name cannot name a run directory; `nil` where it can.
    static func refusal(ofName name: String) -> String? {
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
        guard isPlain, let first = name.first, first != ".", first != "-", name.utf8.count <= 100 else {
            return "must be 1 to 100 letters, digits, '-', '_' or '.', beginning with a letter, digit or '_',"
                + " for it names the run directory; is '\(name)'"
        }
        return nil
    }
}

/// Reads the keys that describe a sweep and no task.
private struct DocumentReader {
    let settings: Setting
    var problems: [SettingProblem] = []

    mutating func report(_ path: String, _ message: String) { problems.append(SettingProblem(path, message)) }

    mutating func checkFormat() {
        guard let given = settings["format"] else { return }
        guard let format = given.asInteger, format >= 1 else {
            return report("format", "must be a whole number of at least 1; is \(given.excerpt)")
        }
        if format > SweepSpec.formatVersion {
            report(
                "format",
                "is \(format), but this program reads formats up to \(SweepSpec.formatVersion); use a newer one"
            )
        }
    }

    mutating func name(standard: String) -> String {
        let given = settings["name"].flatMap { $0 == .null ? nil : $0 } ?? .text(standard)
        guard let name = given.asText else {
            report("name", "must be text; is \(given.excerpt)")
            return standard
        }
        if let refusal = SweepSpec.refusal(ofName: name) { report("name", refusal) }
        return name
    }

    mutating func axes(_ grid: [SettingMap.Entry]) -> [Axis] {
        grid.map { entry in
            do throws(AxisValues.Refusal) {
                return Axis(entry.key, try AxisValues.expand(entry.setting))
            } catch {
                report(entry.key, error.message)
                // It stays an axis, so that exclusions and plots may name it.
                return Axis(entry.key, [])
            }
        }
    }

    mutating func exclusions() -> [SettingMap] {
        cells(under: "exclude").map { number, cell in
            var expanded = SettingMap()
            for entry in cell.entries {
                do throws(AxisValues.Refusal) {
                    expanded[entry.key] = .list(try AxisValues.expand(entry.setting))
                } catch {
                    report("exclude[\(number)].\(entry.key)", error.message)
                }
            }
            return expanded
        }
    }

    mutating func inclusions() -> [SettingMap] { cells(under: "include").map(\.cell) }

    private mutating func cells(under key: String) -> [(number: Int, cell: SettingMap)] {
        list(settings[key], at: key).enumerated().compactMap { number, setting in
            guard let map = setting.asMap, !map.entries.isEmpty else {
                report("\(key)[\(number)]", "must be a map of key paths and values; is \(setting.excerpt)")
                return nil
            }
            return (number, map)
        }
    }

    private mutating func list(_ setting: Setting?, at path: String) -> [Setting] {
        guard let setting, setting != .null else { return [] }
        if let list = setting.asList { return list }
        report(path, "must be a list; is \(setting.excerpt)")
        return []
    }
}

// MARK: - What to draw

extension DocumentReader {
    fileprivate mutating func report(axes: [String]) -> ReportSpec {
        guard let given = settings["report"], given != .null else { return ReportSpec() }
        guard let map = map(given, at: "report", keys: ["heatmaps", "curves", "profiles", "partitions"])
        else {
            return ReportSpec()
        }
        let heatmaps = list(map["heatmaps"], at: "report.heatmaps").enumerated().compactMap {
            heatmap($1, at: "report.heatmaps[\($0)]", axes: axes)
        }
        let curves = list(map["curves"], at: "report.curves").enumerated().compactMap {
            curve($1, at: "report.curves[\($0)]", axes: axes)
        }
        let profiles = list(map["profiles"], at: "report.profiles").enumerated().compactMap {
            profile($1, at: "report.profiles[\($0)]")
        }
        let partitions = list(map["partitions"], at: "report.partitions").enumerated().compactMap {
            partition($1, at: "report.partitions[\($0)]", axes: axes)
        }
        return ReportSpec(heatmaps: heatmaps, curves: curves, profiles: profiles, partitions: partitions)
    }

    private mutating func map(
        _ setting: Setting, at path: String, keys: [String], called what: String = "key"
    ) -> SettingMap? {
        guard let map = setting.asMap else {
            report(path, "must be a map of \(keys.joined(separator: ", ")); is \(setting.excerpt)")
            return nil
        }
        for key in map.keys where !keys.contains(key) {
            report("\(path).\(key)", "unknown \(what)" + Spelling.hint(for: key, among: keys, called: what))
        }
        return map
    }

    private mutating func heatmap(_ setting: Setting, at path: String, axes: [String]) -> ReportSpec.Heatmap?
    {
        guard let map = map(setting, at: path, keys: ["x", "y", "value"]),
            let x = axis(map["x"], at: "\(path).x", axes: axes),
            let y = axis(map["y"], at: "\(path).y", axes: axes),
            let value = metrics(map["value"], at: "\(path).value")
        else { return nil }
        if x == y { report("\(path).y", "is the same axis as x") }
        guard value.count == 1 else {
            report("\(path).value", "must be one metric; is \(map["value"]?.excerpt ?? "empty")")
            return nil
        }
        return ReportSpec.Heatmap(x: x, y: y, value: value[0])
    }

    private mutating func curve(_ setting: Setting, at path: String, axes: [String]) -> ReportSpec.Curve? {
        guard let map = map(setting, at: path, keys: ["x", "value", "by"]),
            let x = axis(map["x"] ?? "epoch", at: "\(path).x", axes: axes),
            let values = metrics(map["value"], at: "\(path).value")
        else { return nil }
        let by = map["by"].flatMap { $0 == .null ? nil : axis($0, at: "\(path).by", axes: axes) }
        if by == x { report("\(path).by", "is the same axis as x") }
        return ReportSpec.Curve(x: x, values: values, by: by)
    }

    private mutating func profile(_ setting: Setting, at path: String) -> ReportSpec.Profile? {
        guard let map = map(setting, at: path, keys: ["value", "x", "by", "layer", "epoch", "draw"]),
            let values = metrics(map["value"], at: "\(path).value")
        else { return nil }
        let by: ReportSpec.Profile.Grouping? = choice(map["by"], at: "\(path).by")
        let drawing: ReportSpec.Profile.Drawing? = choice(map["draw"], at: "\(path).draw")
        let x = metrics(map["x"] ?? "index", at: "\(path).x")?.first ?? "index"
        if let by, by.rawValue == x { report("\(path).by", "is the same as x") }
        return ReportSpec.Profile(
            values: values, x: x, by: by, layer: wholeNumber(map["layer"], at: "\(path).layer"),
            epoch: wholeNumber(map["epoch"], at: "\(path).epoch"), drawing: drawing ?? .lines)
    }

    private mutating func partition(
        _ setting: Setting, at path: String, axes: [String]
    ) -> ReportSpec.Partition? {
        guard let map = map(setting, at: path, keys: ["where", "epochs"]) else { return nil }
        var tasks: [SettingMap.Entry] = []
        if let given = map["where"], given != .null {
            guard let chosen = self.map(given, at: "\(path).where", keys: axes, called: "axis") else {
                return nil
            }
            for entry in chosen.entries {
                do throws(AxisValues.Refusal) {
                    tasks.append(
                        SettingMap.Entry(entry.key, .list(try AxisValues.expand(entry.setting))))
                } catch {
                    report("\(path).where.\(entry.key)", error.message)
                }
            }
        }
        return ReportSpec.Partition(tasks: tasks, epochs: epochs(map["epochs"], at: "\(path).epochs"))
    }

    /// A few epochs, ascending; halves of one are epochs, too.
    private mutating func epochs(_ setting: Setting?, at path: String) -> [Double] {
        guard let setting, setting != .null else { return [] }
        let members = setting.asList ?? [setting]
        let epochs = members.compactMap(\.asNumber).filter { $0 >= 0 && $0.isFinite }
        let most = ReportSpec.Partition.panelsMax
        guard epochs.count == members.count, !epochs.isEmpty else {
            report(path, "must be a list of epochs such as [0, 10]; is \(setting.excerpt)")
            return []
        }
        let distinct = Set(epochs).sorted()
        if distinct.count > most {
            report(path, "lists \(distinct.count) epochs, but a figure has room for \(most); take fewer")
        }
        return Array(distinct.prefix(most))
    }

    /// One of a few words; `nil` where nothing is given.
    private mutating func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ setting: Setting?, at path: String
    ) -> Choice? {
        guard let setting, setting != .null else { return nil }
        if let choice = setting.asText.flatMap(Choice.init(rawValue:)) { return choice }
        let known = Choice.allCases.map(\.rawValue)
        let hint = Spelling.hint(for: setting.asText ?? "", among: known, called: "choice")
        report(path, "must be \(known.joined(separator: " | ")); is \(setting.excerpt)" + hint)
        return nil
    }

    private mutating func wholeNumber(_ setting: Setting?, at path: String) -> Int? {
        guard let setting, setting != .null else { return nil }
        if let number = setting.asWholeNumber, number >= 0 { return number }
        report(path, "must be a whole number; is \(setting.excerpt)")
        return nil
    }

    /// The path of an axis of the grid, or `epoch`.
    private mutating func axis(_ setting: Setting?, at path: String, axes: [String]) -> String? {
        let known = axes + ["epoch"]
        guard let name = setting?.asText else {
            let what = setting.map { "must be an axis; is \($0.excerpt)" } ?? "is missing"
            report(path, "\(what); known: \(known.joined(separator: ", "))")
            return nil
        }
        if known.contains(name) { return name }
        report(
            path, "'\(name)' is no axis of the grid" + Spelling.hint(for: name, among: known, called: "axis"))
        return nil
    }

    private mutating func metrics(_ setting: Setting?, at path: String) -> [String]? {
        let values = setting.map { $0.asList ?? [$0] } ?? []
        let names = values.compactMap(\.asText)
        guard !names.isEmpty, names.count == values.count else {
            report(path, "must name a metric such as test-error; is \(setting?.excerpt ?? "missing")")
            return nil
        }
        return names
    }
}
