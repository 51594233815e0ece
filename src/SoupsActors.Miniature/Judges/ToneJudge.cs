using System.Collections.Frozen;
using SoupsActors.Miniature.Corpus;

namespace SoupsActors.Miniature.Judges;

/// <summary>
/// Tells the tone by lexicon: each tone owns the words and word pairs that its phrases use and neither the other tones'
/// phrases nor any statement does. An answer has the tone of which it holds most different markers, at least
/// <see cref="MinMarkers"/>; with fewer, or with two tones level, it has none.
/// </summary>
/// <remarks>
/// Pairs are of neighbouring words inside one sentence, so that idioms made of plain words count ("go away"). A marker
/// counts once however often it is said, and no more than <see cref="MaxMarkers"/> count, so that more is not better
/// without end.
/// </remarks>
public sealed class ToneJudge : ICriterionJudge
{
    /// <summary>The markers an answer needs at least to have a tone.</summary>
    public const int MinMarkers = 2;

    /// <summary>The markers that count at most.</summary>
    public const int MaxMarkers = 8;

    private readonly FrozenDictionary<string, Tone> _markers;

    internal ToneJudge(CorpusLexicon lexicon)
    {
        var plain = lexicon.Topics.SelectMany(t => t.Child.Concat(t.Specialist)).SelectMany(Features).ToHashSet();
        var owners = new Dictionary<string, Tone>();
        var shared = new HashSet<string>();
        foreach (var tone in lexicon.Tones)
        {
            foreach (var feature in tone.All.SelectMany(Features).Where(f => !plain.Contains(f)))
            {
                if (!owners.TryAdd(feature, tone.Tone) && owners[feature] != tone.Tone) shared.Add(feature);
            }
        }

        _markers = owners.Where(o => !shared.Contains(o.Key)).ToFrozenDictionary();
    }

    /// <inheritdoc/>
    public PreferenceDimension Dimension => PreferenceDimension.Style;

    /// <inheritdoc/>
    public double TieMargin => 0.2;

    /// <summary>The tone an answer has, or <see cref="Tone.Neutral"/> for none.</summary>
    public Tone Detect(string answer)
    {
        var hits = Hits(answer);
        var best = hits.AsSpan(1).IndexOf(hits.AsSpan(1).ToArray().Max()) + 1;
        var clear = hits[best] >= MinMarkers && hits.Count(h => h == hits[best]) == 1;
        return clear ? (Tone)best : Tone.Neutral;
    }

    /// <summary>
    /// From -1 to 1: the markers of the asked tone less those of the strongest other one, over
    /// <see cref="MaxMarkers"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The preference is not one of this dimension.</exception>
    public double Score(string preferenceId, string prompt, string answer)
    {
        var hits = Hits(answer);
        var asked = (int)ToneOf(preferenceId);
        var other = 0;
        for (var tone = 1; tone < hits.Length; tone++)
        {
            if (tone != asked) other = Math.Max(other, hits[tone]);
        }

        return (Math.Min(hits[asked], MaxMarkers) - Math.Min(other, MaxMarkers)) / (double)MaxMarkers;
    }

    /// <inheritdoc/>
    public bool Satisfies(string preferenceId, string answer) => Detect(answer) == ToneOf(preferenceId);

    private Tone ToneOf(string preferenceId) => preferenceId switch
    {
        "P3A" => Tone.Friendly,
        "P3B" => Tone.Unfriendly,
        "P3C" => Tone.Sassy,
        "P3D" => Tone.Sarcastic,
        _ => throw ExpertiseJudge.Unknown(preferenceId, Dimension),
    };

    /// <summary>Different markers by tone; index 0, neutral, stays 0.</summary>
    private int[] Hits(string answer)
    {
        var hits = new int[5];
        foreach (var feature in Text.Sentences(answer).SelectMany(Features).Distinct())
        {
            if (_markers.TryGetValue(feature, out var tone)) hits[(int)tone]++;
        }

        return hits;
    }

    private static IEnumerable<string> Features(string text)
    {
        foreach (var sentence in Text.Sentences(text))
        {
            var words = Text.Words(sentence);
            for (var i = 0; i < words.Count; i++)
            {
                yield return words[i];
                if (i > 0) yield return words[i - 1] + ' ' + words[i];
            }
        }
    }
}
