import ArgumentParser

/// An option of the command line; the vocabulary of sweep files has a type of the same name.
typealias Option<Value> = ArgumentParser.Option<Value>
