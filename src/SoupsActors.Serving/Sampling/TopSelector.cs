using System.Runtime.CompilerServices;

namespace SoupsActors.Serving.Sampling;

/// <summary>
/// Orders tokens by value, largest first, equal values by token id. Value and id share one 64-bit key, so the order is
/// total and any sort gives the same result.
/// </summary>
internal sealed class TopSelector(int vocabularySize)
{
    private readonly ulong[] keys = new ulong[vocabularySize];

    /// <summary>The token of a key.</summary>
    public static int Token(ulong key) => (int)(uint)key;

    /// <summary>The keys of the <paramref name="count"/> largest values, in order; valid until the next call.</summary>
    public ReadOnlySpan<ulong> Largest(ReadOnlySpan<float> values, int count)
    {
        count = Math.Min(count, values.Length);
        var limit = Math.Min(values.Length, Math.Max(2 * count, 64));
        var filled = 0;
        var bound = ulong.MaxValue;
        for (var token = 0; token < values.Length; token++)
        {
            var key = Key(values[token], token);
            if (key >= bound)
                continue;
            keys[filled++] = key;
            if (filled < limit || filled <= count)
                continue;

            // Full: keep the best and let later tokens in only if they beat the worst of those.
            keys.AsSpan(0, filled).Sort();
            filled = count;
            bound = count == 0 ? 0 : keys[count - 1];
        }

        keys.AsSpan(0, filled).Sort();
        return keys.AsSpan(0, Math.Min(filled, count));
    }

    /// <summary>
    /// The keys of all values that are at least <paramref name="minimum"/>, in order; valid until the next call.
    /// </summary>
    public ReadOnlySpan<ulong> AtLeast(ReadOnlySpan<float> values, float minimum)
    {
        var filled = 0;
        for (var token = 0; token < values.Length; token++)
        {
            if (values[token] >= minimum)
                keys[filled++] = Key(values[token], token);
        }

        keys.AsSpan(0, filled).Sort();
        return keys.AsSpan(0, filled);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Key(float value, int token)
    {
        // Adding zero makes −0 equal to +0. Flipping bits makes the integers ascend where the numbers descend.
        var bits = BitConverter.SingleToUInt32Bits(value + 0f);
        var descending = (bits & 0x80000000) != 0 ? bits : ~(bits | 0x80000000);
        return ((ulong)descending << 32) | (uint)token;
    }
}
