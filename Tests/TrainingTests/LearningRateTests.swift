import Sweeps
import Testing
import Training

@Suite("LearningRate")
struct LearningRateTests {
    @Test("a constant rate is the base rate at every step")
    func constant() {
        let rate = LearningRate(0.005)
        for step in [0, 1, 17, 1_000_000] { #expect(rate.rate(atStep: step, stepsPerEpoch: 6) == 0.005) }
    }

    @Test("the inverse square root falls by period: 0.1 / √(1 + ⌊t / 512⌋)")
    func inverseSquareRoot() {
        let rate = LearningRate(0.1, schedule: InverseSquareRootSchedule())
        let known = [(0, 0.1), (511, 0.1), (512, 0.1 / 2.0.squareRoot()), (1536, 0.05), (512 * 99, 0.01)]
        for (step, expected) in known {
            #expect(abs(rate.rate(atStep: step, stepsPerEpoch: 10) - expected) < 1e-16, "step \(step)")
        }
    }

    @Test("a warm-up rises in equal steps from its first rate and ends at the base rate")
    func warmup() {
        // Gamba's ConvNets: 0.001 to 0.005 over 5 epochs; here of 8 steps each.
        let rate = LearningRate(0.005, warmupEpochs: 5, warmupFrom: 0.001)
        let rates = (0...41).map { rate.rate(atStep: $0, stepsPerEpoch: 8) }
        #expect(rates[0] == 0.001)
        #expect(abs(rates[20] - 0.003) < 1e-15)
        #expect(rates[40] == 0.005)
        #expect(rates[41] == 0.005)
        for (before, after) in zip(rates[0..<40], rates[1...40]) {
            #expect(abs(after - before - 0.0001) < 1e-15)
        }
    }

    @Test("a step schedule multiplies the rate at each milestone it has reached")
    func milestones() {
        let rate = LearningRate(8, schedule: StepSchedule(milestones: [10, 3], factor: 0.5))
        let rates = [0, 2, 3, 9, 10, 1000].map { rate.rate(atStep: $0, stepsPerEpoch: 4) }
        #expect(rates == [8, 8, 4, 4, 2, 2])
        let warm = LearningRate(8, schedule: StepSchedule(milestones: [3], factor: 0.5), warmupEpochs: 2)
        #expect([4, 8, 10, 11].map { warm.rate(atStep: $0, stepsPerEpoch: 4) } == [4, 8, 8, 4])
    }

    @Test("a step schedule takes its milestones and PyTorch's factor from a sweep file")
    func stepOptions() {
        let schedule = StepSchedule(options: ["milestones": [100, 200.5]])
        #expect(schedule.milestones == [100, 200.5])
        #expect(schedule.factor == 0.1)
    }

    @Test("a schedule starts where its warm-up ends")
    func scheduleAfterWarmup() {
        let rate = LearningRate(0.1, schedule: InverseSquareRootSchedule(period: 4), warmupEpochs: 2)
        #expect(rate.rate(atStep: 0, stepsPerEpoch: 3) == 0)
        #expect(rate.rate(atStep: 6, stepsPerEpoch: 3) == 0.1)
        #expect(rate.rate(atStep: 9, stepsPerEpoch: 3) == 0.1)
        #expect(rate.rate(atStep: 10, stepsPerEpoch: 3) == 0.1 / 2.0.squareRoot())
    }
}

@Suite("TrainingRecipe")
struct TrainingRecipeTests {
    @Test("reads optimiser, rate, schedule and batch from a task's configuration")
    func reads() throws {
        let recipe = try TrainingRecipe(configuration: [
            "optimizer": [
                "name": "sgd", "learning-rate": 0.1, "momentum": 0.9,
                "schedule": [
                    "name": "inverse-square-root", "period": 10, "warmup-epochs": 1, "warmup-from": 0.01,
                ],
            ],
            "training": ["batch": 25],
        ])
        #expect((recipe.optimizer as? StochasticGradientDescent)?.momentum == 0.9)
        #expect(recipe.batch == 25)
        #expect(recipe.learningRate.rate(atStep: 0, stepsPerEpoch: 4) == 0.01)
        #expect(recipe.learningRate.rate(atStep: 14, stepsPerEpoch: 4) == 0.1 / 2.0.squareRoot())
    }

    @Test("names what it does not know, and what is known instead")
    func unknownName() {
        let configuration: Setting = [
            "optimizer": ["name": "adagrad", "learning-rate": 1], "training": ["batch": 1],
        ]
        #expect(
            throws: TrainingError.unknownName(
                "adagrad", key: "optimizer.name", known: ["sgd", "adam", "adamw"])
        ) {
            try TrainingRecipe(configuration: configuration)
        }
    }

    @Test("cannot do without a learning rate")
    func missingRate() {
        #expect(throws: TrainingError.missing(key: "optimizer.learning-rate")) {
            try TrainingRecipe(configuration: ["optimizer": ["name": "adam"], "training": ["batch": 1]])
        }
    }
}
