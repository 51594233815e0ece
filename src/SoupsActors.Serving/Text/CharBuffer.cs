using System.Buffers;

namespace SoupsActors.Serving.Text;

/// <summary>A growing run of characters that is reused, so that a steady state makes no garbage.</summary>
internal sealed class CharBuffer : IBufferWriter<char>
{
    private char[] items = new char[64];

    public int Length { get; private set; }

    public ReadOnlySpan<char> Span => items.AsSpan(0, Length);

    public void Append(ReadOnlySpan<char> text)
    {
        text.CopyTo(GetSpan(text.Length));
        Length += text.Length;
    }

    public void RemoveFront(int count)
    {
        Span[count..].CopyTo(items);
        Length -= count;
    }

    public void Clear() => Length = 0;

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, items.Length - Length);
        Length += count;
    }

    public Memory<char> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return items.AsMemory(Length);
    }

    public Span<char> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return items.AsSpan(Length);
    }

    public override string ToString() => Span.ToString();

    private void Reserve(int count)
    {
        var needed = Length + Math.Max(count, 1);
        if (needed > items.Length)
            Array.Resize(ref items, Math.Max(needed, 2 * items.Length));
    }
}
