using System.Text;

namespace SoupsActors.Models.Tokenization.Pipeline;

/// <summary>
/// The one-to-one map between bytes and printable characters of byte-level BPE (Radford et al. 2019, section 2.2, and
/// its released code): printable Latin-1 bytes stand for themselves, the others for U+0100 onwards in order.
/// </summary>
internal static class ByteAlphabet
{
    private static readonly char[] ByteToChar = Build();
    private static readonly short[] CharToByte = Invert();

    public static char CharOf(byte value) => ByteToChar[value];

    public static bool TryByteOf(char character, out byte value)
    {
        var found = character < CharToByte.Length ? CharToByte[character] : (short)-1;
        value = (byte)found;
        return found >= 0;
    }

    /// <summary>Spells the UTF-8 bytes of a text in the alphabet.</summary>
    public static string Spell(ReadOnlySpan<char> text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        Span<byte> bytes = length <= 512 ? stackalloc byte[length] : new byte[length];
        Encoding.UTF8.GetBytes(text, bytes);
        Span<char> spelled = length <= 512 ? stackalloc char[length] : new char[length];
        for (var i = 0; i < length; i++)
            spelled[i] = ByteToChar[bytes[i]];
        return new string(spelled);
    }

    /// <summary>
    /// The bytes that a token spells; a token with a character outside the alphabet stands for its own UTF-8.
    /// </summary>
    public static byte[] Bytes(string token)
    {
        var bytes = new byte[token.Length];
        for (var i = 0; i < token.Length; i++)
        {
            if (!TryByteOf(token[i], out bytes[i]))
                return Encoding.UTF8.GetBytes(token);
        }

        return bytes;
    }

    private static char[] Build()
    {
        var map = new char[256];
        var next = 256;
        for (var b = 0; b < 256; b++)
        {
            var printable = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE and <= 0xFF;
            map[b] = printable ? (char)b : (char)next++;
        }

        return map;
    }

    private static short[] Invert()
    {
        var map = new short[ByteToChar.Max() + 1];
        Array.Fill(map, (short)-1);
        for (var b = 0; b < 256; b++)
            map[ByteToChar[b]] = (short)b;
        return map;
    }
}
