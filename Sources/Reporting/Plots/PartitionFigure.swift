internal import Sweeps

/// What one sheet of partition pictures shows, before anything is drawn: a panel for each cell of the grid and epoch.
struct PartitionFigure {
    struct Panel {
        let title: String
        /// Regions of the picture, or why there is none.
        let note: String
        /// `nil` where none was measured, or where it was too large to keep.
        let picture: PartitionPicture?
    }

    let title: String
    let subtitle: String
    let panels: [Panel]
    let columnCount: Int

    private static let name = "Linear regions around three training samples"

    /// A sheet of one picture.
    init(_ picture: PartitionPicture) {
        title = PartitionFigure.name
        subtitle = "\(picture.regionCount) linear regions · coloured by the class of the largest logit"
        panels = [Panel(title: "", note: "", picture: picture)]
        columnCount = 1
    }

    /// - Parameters:
    ///   - results: What was measured so far.
    ///   - partition: What to show.
    /// - Throws: ``ReportError`` where no result has a picture, for tasks that the sweep does not have, and for an epoch
    ///   at which no picture was kept.
    init(_ results: SweepResults, _ partition: ReportSpec.Partition) throws(ReportError) {
        let known = Set(results.tasks.flatMap { $0.pictureEpochs }).sorted()
        if known.isEmpty { throw .noPartition }
        for epoch in partition.epochs where !known.contains(epoch) {
            throw .noPartitionAtEpoch(epoch, known: known)
        }
        let table = ResultTable(try results.restricted(to: partition.tasks))
        let epochs = partition.epochs
        let room = ReportSpec.Partition.panelsMax / max(epochs.count, 1)
        let facets = Facets(table, without: [], panelsMax: max(room, 1))
        let tasks = facets.panels.map { facet in
            (facet.title, table.cellIndex(at: facet.coordinates).flatMap { table.cells[$0].tasks.first })
        }
        // The epoch that stands above the whole sheet.
        let common = epochs.isEmpty ? tasks.compactMap { $1?.pictureEpochs.last }.max() : nil
        panels = tasks.flatMap { title, task in
            (epochs.isEmpty ? [task?.pictureEpochs.last ?? common ?? 0] : epochs).map { epoch in
                let parts = [title, epoch == common ? "" : "epoch \(epoch.epochText)"]
                return PartitionFigure.panel(
                    parts.filter { !$0.isEmpty }.joined(separator: ", "), task: task, epoch: epoch)
            }
        }
        columnCount =
            epochs.count > 1 && epochs.count <= 4
            ? epochs.count : epochs.count > 4 ? min(4, panels.count) : facets.columnCount
        title = PartitionFigure.name
        subtitle = Subtitle.text(
            table, epoch: common, isMean: false, omissions: facets.omissions, isSingle: true)
    }

    private static func panel(_ title: String, task: ReportedTask?, epoch: Double) -> Panel {
        guard let result = task?.result else { return Panel(title: title, note: "no result", picture: nil) }
        guard let measurement = result.measurements.first(where: { $0.passes == epoch }),
            let picture = PartitionPicture(rows: measurement.layers)
        else {
            let note = result.divergedAtEpoch == nil ? "no picture" : "diverged"
            return Panel(title: title, note: note, picture: nil)
        }
        let column = result.columns.firstIndex(of: "partition_regions")
        let counted = column.flatMap { measurement.scalars[$0] }.flatMap { Int(exactly: $0) }
        return picture.cells.isEmpty
            ? Panel(
                title: title, note: counted.map { "\($0) regions: too many" } ?? "too many regions",
                picture: nil)
            : Panel(title: title, note: "\(counted ?? picture.regionCount) regions", picture: picture)
    }
}

extension ReportedTask {
    /// Epochs of which there is a picture, or at least its frame; ascending.
    fileprivate var pictureEpochs: [Double] {
        (result?.measurements ?? []).filter { measurement in
            measurement.layers.contains { $0.metric == PartitionPicture.metricOfEveryPicture }
        }.map(\.passes)
    }
}

extension SweepResults {
    /// The same with those tasks only that have one of the values on each axis named.
    fileprivate func restricted(to chosen: [SettingMap.Entry]) throws(ReportError) -> SweepResults {
        var tasks = tasks
        for entry in chosen {
            guard let axis = axes.firstIndex(where: { $0.path == entry.key }) else {
                throw .unknownAxis(entry.key, known: axes.map(\.path))
            }
            let wanted = entry.setting.asList ?? [entry.setting]
            for value in wanted
            where !self.tasks.contains(where: { $0.axisValues[axis].order(to: value) == .same }) {
                let known = self.tasks.map { $0.axisValues[axis] }.distinctSorted()
                throw .unknownValue(value.plainText, axis: entry.key, known: known.map(\.plainText))
            }
            tasks = tasks.filter { task in
                wanted.contains { task.axisValues[axis].order(to: $0) == .same }
            }
        }
        if tasks.isEmpty { throw .noTask(chosen.map { "\($0.key): \($0.setting.canonicalText)" }) }
        return SweepResults(
            name: name, axes: axes, tasks: tasks, columns: columns, layerMetrics: layerMetrics,
            figures: figures)
    }
}
