using System.Buffers;

namespace SoupsActors.Serving;

/// <summary>Turns token ids into text; one per tokenizer, safe for concurrent use.</summary>
public interface ITokenText
{
    /// <summary>A decoder for one answer.</summary>
    ITokenTextStream CreateStream();
}

/// <summary>
/// Decodes the tokens of one answer one by one. Never gives half a character: incomplete UTF-8 waits inside.
/// </summary>
public interface ITokenTextStream
{
    /// <summary>Writes the characters that <paramref name="token"/> completes, which may be none.</summary>
    void Append(int token, IBufferWriter<char> text);

    /// <summary>Writes what still waits; broken UTF-8 becomes U+FFFD.</summary>
    void Flush(IBufferWriter<char> text);
}
