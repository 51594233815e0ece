using System.Text;

namespace SoupsActors.Models.Tokenization;

/// <summary>
/// Turns tokens into text as they come. Only whole characters come out; the pieces together are exactly what
/// <see cref="Tokenizer.Decode(ReadOnlySpan{int}, bool)"/> makes of all tokens. Bytes that are not UTF-8 become U+FFFD.
/// </summary>
/// <remarks>For one sequence and one thread at a time.</remarks>
public sealed class TextStream
{
    private readonly Tokenizer tokenizer;
    private readonly bool skipSpecial;
    private readonly Decoder utf8 = Encoding.UTF8.GetDecoder();
    private char[] characters = new char[64];
    private int stripsLeft;
    private int held;
    private bool first = true;

    internal TextStream(Tokenizer tokenizer, bool skipSpecial)
    {
        this.tokenizer = tokenizer;
        this.skipSpecial = skipSpecial;
        stripsLeft = tokenizer.Decoder.StripStart;
    }

    /// <summary>
    /// Adds a token and gives the text that has become whole; an id outside the vocabulary adds nothing.
    /// </summary>
    public string Append(int id)
    {
        if (!tokenizer.HasText(id) || (skipSpecial && tokenizer.IsSpecial(id)))
            return "";
        var bytes = tokenizer.BytesOf(id, first);
        var length = 0;
        if (tokenizer.Decoder.JoinsWithSpaces && !first)
            length = Convert([(byte)' '], length, flush: false);
        first = false;
        return Emit(Convert(bytes, length, flush: false));
    }

    /// <summary>Ends the text; gives what was held back. The stream can then begin another text.</summary>
    public string Flush()
    {
        var length = Convert([], 0, flush: true);
        var decoder = tokenizer.Decoder;
        // What is held is all of the stripped character, so dropping it is the strip at the end.
        var text = Emit(length);
        var drop = Math.Min(held, decoder.StripEnd);
        text += new string(decoder.StripCharacter, held - drop);
        held = 0;
        first = true;
        stripsLeft = decoder.StripStart;
        return text;
    }

    private int Convert(ReadOnlySpan<byte> bytes, int at, bool flush)
    {
        var needed = at + Encoding.UTF8.GetMaxCharCount(bytes.Length + 4);
        if (characters.Length < needed)
            Array.Resize(ref characters, Math.Max(needed, 2 * characters.Length));
        return at + utf8.GetChars(bytes, characters.AsSpan(at), flush);
    }

    private string Emit(int length)
    {
        var text = characters.AsSpan(0, length);
        var decoder = tokenizer.Decoder;
        while (stripsLeft > 0 && text.Length > 0)
        {
            stripsLeft = text[0] == decoder.StripCharacter ? stripsLeft - 1 : 0;
            if (text[0] != decoder.StripCharacter)
                break;
            text = text[1..];
        }

        if (decoder.StripEnd == 0 || text.Length == 0)
            return text.ToString();

        var whole = text.TrimEnd(decoder.StripCharacter);
        var trailing = text.Length - whole.Length;
        if (whole.Length == 0)
        {
            held += trailing;
            // Only the last few can be stripped; the others are text by now.
            var certain = Math.Max(0, held - decoder.StripEnd);
            held -= certain;
            return new string(decoder.StripCharacter, certain);
        }

        var keep = Math.Min(trailing, decoder.StripEnd);
        var result = string.Concat(
            new string(decoder.StripCharacter, held), whole, new string(decoder.StripCharacter, trailing - keep));
        held = keep;
        return result;
    }
}
