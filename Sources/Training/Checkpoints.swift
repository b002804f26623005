internal import Basics
internal import LinearAlgebra
public import Networks
public import Sweeps

/// A checkpoint that training cannot go on from.
public enum CheckpointError: Error, Hashable, CustomStringConvertible {
    /// A byte is not what was written.
    case damaged(String)
    /// It was made by another task.
    case otherTask(found: String, expected: TaskID)
    /// It has other tensors than the network or the optimiser.
    case misfit(SafetensorsError)

    public var description: String {
        switch self {
        case .damaged(let reason): "damaged checkpoint: \(reason)"
        case .otherTask(let found, let expected):
            "checkpoint of another model: it belongs to task \(found) and this is task \(expected)"
        case .misfit(let error): error.description
        }
    }
}

/// Whose a checkpoint is.
public struct CheckpointOwner: Hashable, Sendable {
    /// For people: the task that made it.
    public let task: TaskID
    /// What decides: tasks with the same training may go on from each other's checkpoints.
    public let training: TaskID

    public init(task: TaskID, training: TaskID) {
        self.task = task
        self.training = training
    }
}

extension Trainer {
    /// Everything that training needs to go on from here with the same bits.
    ///
    /// Batch order and augmentation are functions of seed and epoch and need nothing. Copies of parameters and
    /// optimiser state exist once in the result and nowhere else.
    ///
    /// - Parameters:
    ///   - owner: Whose training this is; ``restore(_:of:)`` wants to hear the same.
    ///   - attachment: Bytes that ``restore(_:of:)`` gives back.
    /// - Returns: Two files whose bytes depend on nothing but where training is.
    /// - Precondition: Training has not diverged: there would be nothing to go on from.
    public func checkpoint(of owner: CheckpointOwner, attachment: [UInt8]) -> TaskCheckpoint {
        precondition(!hasDiverged, "a checkpoint of parameters that are not finite")
        let weights = Safetensors.encode(parameters)
        let powers = optimizerState.decayPowers
        let metadata = [
            StateKey.format: stateFormat, StateKey.task: owner.task.text,
            StateKey.training: owner.training.text, StateKey.epoch: "\(epoch)",
            StateKey.step: "\(step)", StateKey.optimizerSteps: "\(optimizerState.stepCount)",
            StateKey.firstPower: String(powers.first.bitPattern, radix: 16),
            StateKey.secondPower: String(powers.second.bitPattern, radix: 16),
            StateKey.weights: ContentHash(of: weights).hexadecimal,
        ]
        let blocks = optimizerState.blocks.enumerated().map { index, block in
            RawTensor(
                name: "optimizer.\(index)", elementType: Safetensors.elementType(Scalar.self),
                shape: [block.count],
                bytes: UnsafeRawBufferPointer(
                    start: block.buffer.pointer, count: block.count * MemoryLayout<Scalar>.stride))
        }
        let state = attachment.withUnsafeBytes { attachment in
            let last = RawTensor(
                name: "attachment", elementType: "U8", shape: [attachment.count], bytes: attachment)
            return Seal.encode(blocks + [last], metadata: metadata)
        }
        return TaskCheckpoint(epoch: epoch, weights: weights, state: state)
    }

    /// Goes back, or ahead, to a checkpoint: from now on every bit is as if training had never stopped there.
    ///
    /// - Returns: The attachment of the checkpoint.
    /// - Throws: ``CheckpointError``, before anything is changed.
    public func restore(_ checkpoint: TaskCheckpoint, of owner: CheckpointOwner) throws(CheckpointError)
        -> [UInt8]
    {
        let state = try Seal.open(checkpoint.state)
        guard state.metadata[StateKey.training] == owner.training.text else {
            throw .otherTask(found: state.metadata[StateKey.task] ?? "", expected: owner.task)
        }
        guard state.metadata[StateKey.weights] == ContentHash(of: checkpoint.weights).hexadecimal else {
            throw .damaged("the weights are not those that the state was written with")
        }
        guard let epoch = state.count(StateKey.epoch), let step = state.count(StateKey.step),
            epoch == checkpoint.epoch, step / stepsPerEpoch == epoch,
            let optimizerSteps = state.count(StateKey.optimizerSteps),
            let first = state.number(StateKey.firstPower), let second = state.number(StateKey.secondPower)
        else { throw .damaged("its counters contradict each other") }
        do throws(SafetensorsError) {
            let blocks = try optimizerState.blocks.indices.map { (index) throws(SafetensorsError) in
                try state.bytes(
                    of: "optimizer.\(index)", elementType: Safetensors.elementType(Scalar.self),
                    shape: [optimizerState.blocks[index].count])
            }
            let attachment = try state.bytes(of: "attachment", elementType: "U8")
            try Safetensors(decoding: checkpoint.weights).load(into: parameters)
            for (block, bytes) in zip(optimizerState.blocks, blocks) {
                bytes.withUnsafeBytes {
                    UnsafeMutableRawBufferPointer(start: block.buffer.pointer, count: $0.count)
                        .copyMemory(from: $0)
                }
            }
            optimizerState.stepCount = optimizerSteps
            optimizerState.decayPowers = (first, second)
            (self.epoch, self.step, orderEpoch, hasDiverged) = (epoch, step, nil, false)
            return Array(attachment)
        } catch {
            throw .misfit(error)
        }
    }
}

private let stateFormat = "descent-state-2"

/// Keys of the metadata of a state file.
private enum StateKey {
    static let format = "format"
    static let task = "task"
    static let training = "training"
    static let epoch = "epoch"
    static let step = "step"
    static let optimizerSteps = "optimizer-steps"
    /// beta1 to the power of the steps, as the hexadecimal bits of a `Double`.
    static let firstPower = "beta1-power"
    static let secondPower = "beta2-power"
    /// The hash of the file of weights.
    static let weights = "weights"
}

extension Safetensors {
    /// A count in the metadata.
    fileprivate func count(_ key: String) -> Int? {
        metadata[key].flatMap { Int($0) }.flatMap { $0 >= 0 ? $0 : nil }
    }

    /// A number in the metadata that is there with all its bits.
    fileprivate func number(_ key: String) -> Double? {
        metadata[key].flatMap { UInt64($0, radix: 16) }.map { Double(bitPattern: $0) }
    }
}

/// A safetensors file that holds its own hash, so that not one bit of it can change unnoticed.
///
/// The hash stands in the metadata and is taken over the file with zeros in its place.
private enum Seal {
    private static let key = "hash"
    private static let mark = Array("\"\(key)\":\"".utf8)
    private static let blank = String(repeating: "0", count: 64)

    static func encode(_ tensors: [RawTensor], metadata: [String: String]) -> [UInt8] {
        var file = Safetensors.encode(tensors, metadata: metadata.merging([key: blank]) { $1 })
        guard let place = place(in: file) else { preconditionFailure("a file without its '\(key)'") }
        file.replaceSubrange(place, with: ContentHash(of: file).hexadecimal.utf8)
        return file
    }

    static func open(_ file: [UInt8]) throws(CheckpointError) -> Safetensors {
        guard let place = place(in: file) else { throw .damaged("the state has no hash") }
        var blanked = file
        blanked.replaceSubrange(place, with: blank.utf8)
        guard ContentHash(of: blanked).hexadecimal.utf8.elementsEqual(file[place]) else {
            throw .damaged("the state has another hash than it claims")
        }
        do throws(SafetensorsError) {
            let state = try Safetensors(decoding: file)
            guard state.metadata["format"] == stateFormat else {
                throw SafetensorsError.damaged("the state is of another version of this program")
            }
            return state
        } catch {
            throw .damaged(error.description)
        }
    }

    /// Where the 64 digits are; metadata comes first and is short.
    private static func place(in file: [UInt8]) -> Range<Int>? {
        for start in 0..<max(0, min(file.count - mark.count - 64, 4096)) {
            if file[start..<start + mark.count].elementsEqual(mark) {
                return start + mark.count..<start + mark.count + 64
            }
        }
        return nil
    }
}
