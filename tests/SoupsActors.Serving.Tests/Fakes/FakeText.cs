using System.Buffers;
using System.Text;

namespace SoupsActors.Serving.Tests.Fakes;

/// <summary>A byte-level vocabulary with pieces that overlap stop texts and characters that span tokens.</summary>
internal sealed class FakeText : ITokenText
{
    private static readonly byte[][] Pieces =
    [
        "a"u8.ToArray(), "b"u8.ToArray(), "c"u8.ToArray(), "ab"u8.ToArray(), "bc"u8.ToArray(), "ca"u8.ToArray(),
        " "u8.ToArray(), [0xC3], [0xA9], [0xE2, 0x82], [0xAC], "é"u8.ToArray(), [0xF0, 0x9F], [0x98, 0x80],
        "abc"u8.ToArray(),
    ];

    public ITokenTextStream CreateStream() => new Stream();

    public static byte[] Bytes(int token) => Pieces[token % Pieces.Length];

    public static string Decode(IEnumerable<int> tokens)
    {
        var decoder = Encoding.UTF8.GetDecoder();
        byte[] bytes = [.. tokens.SelectMany(Bytes)];
        var characters = new char[bytes.Length + 4];
        return new string(characters, 0, decoder.GetChars(bytes, characters, flush: true));
    }

    private sealed class Stream : ITokenTextStream
    {
        private readonly Decoder decoder = Encoding.UTF8.GetDecoder();

        public void Append(int token, IBufferWriter<char> text) =>
            text.Advance(decoder.GetChars(Bytes(token), text.GetSpan(16), flush: false));

        public void Flush(IBufferWriter<char> text) =>
            text.Advance(decoder.GetChars([], text.GetSpan(16), flush: true));
    }
}
