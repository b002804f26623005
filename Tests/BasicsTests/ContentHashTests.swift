import Basics
import Testing

@Suite("ContentHash")
struct ContentHashTests {
    @Test(
        "hashes the vectors of FIPS 180-4",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func standardVectors(message: String, digest: String) {
        #expect(ContentHash(of: message).hexadecimal == digest)
    }

    @Test("hashes a million letters across many blocks")
    func longMessage() {
        let hash = ContentHash(of: repeatElement(UInt8(ascii: "a"), count: 1_000_000))
        #expect(hash.hexadecimal == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test("reads its hexadecimal digits back and nothing else")
    func hexadecimalRoundTrip() {
        let hash = ContentHash(of: "descent")
        #expect(ContentHash(hexadecimal: hash.hexadecimal) == hash)
        #expect(ContentHash(hexadecimal: "12") == nil)
        #expect(ContentHash(hexadecimal: String(repeating: "g", count: 64)) == nil)
    }

    @Test(
        "a prefix that is hashed once gives the same as the whole text",
        arguments: [0, 1, 55, 63, 64, 65, 200])
    func prefix(count: Int) {
        let text = String(repeating: "abcdefg", count: 40)
        let (head, tail) = (String(text.prefix(count)), String(text.dropFirst(count)))
        #expect(ContentHash(of: ContentHash.Prefix(head), tail) == ContentHash(of: text))
    }
}
