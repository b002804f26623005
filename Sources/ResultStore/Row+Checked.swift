import GRDB

/// A column that holds nothing of the kind that was written there.
struct UnreadableColumn: Error {
    let column: Int
}

extension Row {
    /// A column's value; plain subscripts trap on what a damaged file may hold.
    func value<Value: DatabaseValueConvertible>(_ column: Int) throws -> Value {
        guard let value = Value.fromDatabaseValue(self[column] as DatabaseValue) else {
            throw UnreadableColumn(column: column)
        }
        return value
    }

    /// A column's value; `nil` for NULL.
    func optional<Value: DatabaseValueConvertible>(_ column: Int) throws -> Value? {
        (self[column] as DatabaseValue).isNull ? nil : try value(column)
    }
}
