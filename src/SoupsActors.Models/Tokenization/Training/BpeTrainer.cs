using SoupsActors.Models.Tokenization.Pipeline;

namespace SoupsActors.Models.Tokenization.Training;

/// <summary>
/// Learns a byte-level BPE vocabulary (Sennrich et al. 2016, section 3.2; Radford et al. 2019, section 2.2): starting
/// from bytes, the most frequent pair within words becomes a token, again and again. Digits stand alone, words split as
/// in GPT-2. The same texts and options give the same tokenizer: ties go to the pair of smaller ids.
/// </summary>
public static class BpeTrainer
{
    private const int ReportEvery = 64;

    /// <summary>Trains a tokenizer; special tokens that the texts spell out are cut out first.</summary>
    /// <param name="texts">The corpus, read once.</param>
    /// <param name="options">Size and special tokens.</param>
    /// <param name="progress">Told now and then, and at the end.</param>
    /// <param name="cancellationToken">Ends the training with an <see cref="OperationCanceledException"/>.</param>
    public static Tokenizer Train(
        IEnumerable<string> texts,
        BpeTrainerOptions options,
        IProgress<BpeTrainingProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(texts);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();

        var vocabulary = new List<string>(options.SpecialTokens);
        var special = options.SpecialTokens.ToHashSet(StringComparer.Ordinal);
        foreach (var letter in Enumerable.Range(0, 256).Select(b => ByteAlphabet.CharOf((byte)b)).Order())
            vocabulary.Add(letter.ToString());
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < vocabulary.Count; i++)
        {
            // One letter would be both a control token and a byte of text.
            if (i < special.Count && vocabulary[i].Length == 1 && ByteAlphabet.TryByteOf(vocabulary[i][0], out _))
            {
                throw new ArgumentException(
                    $"The special token '{vocabulary[i]}' must be longer than one letter.", nameof(options));
            }

            ids.Add(vocabulary[i], i);
        }

        var table = new PairTable();
        foreach (var (word, count) in CountWords(texts, options, cancellationToken))
            table.Add([.. word.Select(c => ids[c.ToString()])], count);
        table.Seal();

        var merges = new List<(string Left, string Right)>();
        var target = options.VocabularySize - vocabulary.Count;
        while (vocabulary.Count < options.VocabularySize && table.Next(options.MinFrequency) is { } pair)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (left, right) = (vocabulary[pair.Left], vocabulary[pair.Right]);
            var text = left + right;
            if (special.Contains(text))
            {
                table.Drop(pair);
                continue;
            }

            // Two ways of spelling one token, such as a+bc and ab+c, share its id.
            if (!ids.TryGetValue(text, out var merged))
            {
                merged = vocabulary.Count;
                ids.Add(text, merged);
                vocabulary.Add(text);
            }

            merges.Add((left, right));
            table.Merge(pair, merged);
            if (merges.Count % ReportEvery == 0)
                progress?.Report(new BpeTrainingProgress(merges.Count, target));
        }

        progress?.Report(new BpeTrainingProgress(merges.Count, target));
        return Tokenizer.Create(TrainedFiles.Write(vocabulary, merges, options));
    }

    private static List<KeyValuePair<string, long>> CountWords(
        IEnumerable<string> texts, BpeTrainerOptions options, CancellationToken cancellationToken)
    {
        var splitter = TrainedFiles.PreTokenizer();
        var matcher = new AddedTokenMatcher(
            options.SpecialTokens.Select((text, id) => new AddedToken(id, text)), static text => text);
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        var pieces = new List<string>();
        foreach (var text in texts)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var clean = Utf16.WellFormed(text);
            foreach (var segment in matcher.Split(clean))
            {
                if (segment.Id >= 0)
                    continue;
                pieces.Clear();
                splitter.Apply(clean[segment.Start..segment.End], segment.Start == 0, pieces);
                foreach (var piece in pieces)
                    counts[piece] = counts.GetValueOrDefault(piece) + 1;
            }
        }

        // An order of its own, so that nothing hangs on how a dictionary keeps its entries.
        return [.. counts.OrderBy(entry => entry.Key, StringComparer.Ordinal)];
    }
}
