import Foundation

/// Times as people write them for the end of an allocation.
enum Deadline {
    /// `90s`, `45m`, `3h30m`, `1d`, or plain seconds; `nil` for anything else, and for nothing at all.
    static func seconds(of text: String) -> Double? {
        if let seconds = Double(text) { return seconds > 0 && seconds < 1e9 ? seconds : nil }
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        var (sum, number) = (0.0, "")
        for character in text {
            if let unit = units[character] {
                guard let value = Double(number) else { return nil }
                sum += value * unit
                number = ""
            } else {
                number.append(character)
            }
        }
        return number.isEmpty && sum > 0 && sum < 1e9 ? sum : nil
    }

    /// The next `07:30`, or `2026-11-21T07:30`, on the clock of this machine; `nil` for anything else, or what is past.
    static func date(of text: String, after now: Date) -> Date? {
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        guard let time = parts.last.flatMap(time), parts.count <= 2 else { return nil }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .current
        if parts.count == 1 {
            return calendar.nextDate(
                after: now, matching: DateComponents(hour: time.hour, minute: time.minute, second: 0),
                matchingPolicy: .nextTime)
        }
        let numbers = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 3, let year = numbers[0], let month = numbers[1], let day = numbers[2] else {
            return nil
        }
        let components = DateComponents(
            year: year, month: month, day: day, hour: time.hour, minute: time.minute)
        guard components.isValidDate(in: calendar), let date = calendar.date(from: components), date > now
        else { return nil }
        return date
    }

    private static func time(of text: Substring) -> (hour: Int, minute: Int)? {
        let numbers = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard numbers.count == 2, let hour = numbers[0], let minute = numbers[1], 0..<24 ~= hour,
            0..<60 ~= minute
        else { return nil }
        return (hour, minute)
    }
}
