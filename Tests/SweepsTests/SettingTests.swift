import Sweeps
import Testing

@Suite("Setting")
struct SettingTests {
    @Test("reads, assigns and removes by path")
    func paths() {
        var setting = Setting.map(["model": ["width": .integer(4)]])
        #expect(setting["model.width"] == .integer(4))
        setting["dataset.noise.rate"] = .number(0.2)
        #expect(setting["dataset.noise"] == .map(["rate": .number(0.2)]))
        setting["model.width"] = nil
        #expect(setting["model.width"] == nil)
    }

    @Test("has one canonical text, whatever the order of writing")
    func canonicalText() {
        let one = Setting.map(["b": .list([.integer(1), .number(0.1), .null]), "a": .text("x\"\n")])
        let other = Setting.map(["a": .text("x\"\n"), "b": .list([.integer(1), .number(0.1), .null])])
        #expect(one.canonicalText == other.canonicalText)
        #expect(one.canonicalText == #"{"a":"x\"\n","b":[1,0.1,null]}"#)
    }

    @Test("names a task by its configuration alone")
    func taskIdentity() {
        let configuration = Setting.map(["seed": .integer(1)])
        let here = TrainingTask(configuration: configuration, environment: .null, axisValues: [])
        let there = TrainingTask(
            configuration: configuration, environment: .text("/data"), axisValues: [.integer(1)])
        #expect(here.id == there.id)
        #expect(TaskID(here.id.text) == here.id)
        #expect(TaskID("../../etc/passwd") == nil)
    }
}
