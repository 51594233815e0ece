using System.Text.Json;
using System.Text.Json.Serialization;
using SoupsActors.Learning.Judging;

namespace SoupsActors.Grains.Trainings.Stages;

/// <summary>Both answers to one question, and how much likelier the new version finds its own than the base.</summary>
/// <param name="New">Tokens of the new version's answer.</param>
/// <param name="Current">Tokens of the current version's answer.</param>
/// <param name="LogRatio">log π − log π_base of the new version's answer, in nats.</param>
internal sealed record ComparedAnswers(int[] New, int[] Current, double LogRatio);

/// <summary>
/// What an evaluation has found so far, one JSON object a line: answers and judgements by the number of their question.
/// One that goes on reads them, for judgements may cost money and may come out otherwise the second time.
/// </summary>
internal sealed class EvaluationLog : IDisposable
{
    // A divergence may be no number, and the evaluation must be able to say so.
    private static readonly JsonSerializerOptions Json = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly FileStream output;

    private EvaluationLog(FileStream output) => this.output = output;

    /// <summary>Answers by question.</summary>
    public Dictionary<int, ComparedAnswers> Answers { get; } = [];

    /// <summary>Judgements by question.</summary>
    public Dictionary<int, Judgement> Judgements { get; } = [];

    /// <summary>Opens a log, with what an evaluation of equal fingerprint left; a torn last line is removed.</summary>
    /// <param name="path">The file; made where missing.</param>
    /// <param name="fingerprint">Names versions, questions and judge; what others left is dropped.</param>
    public static EvaluationLog Open(string path, string fingerprint)
    {
        var bytes = File.Exists(path) ? File.ReadAllBytes(path) : [];
        var log = new EvaluationLog(new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read));
        var kept = log.Load(bytes, fingerprint);
        log.output.SetLength(kept);
        log.output.Position = kept;
        if (kept == 0)
            log.Write(new Line { Of = fingerprint });
        return log;
    }

    public void Add(int question, ComparedAnswers answers)
    {
        Write(new Line { Question = question, Answers = answers });
        Answers[question] = answers;
    }

    public void Add(int question, Judgement judgement)
    {
        Write(new Line { Question = question, Judgement = (int)judgement });
        Judgements[question] = judgement;
    }

    public void Dispose() => output.Dispose();

    /// <returns>How many of the bytes are whole lines of this evaluation.</returns>
    private int Load(byte[] bytes, string fingerprint)
    {
        var start = 0;
        while (Array.IndexOf(bytes, (byte)'\n', start) is var end and >= 0)
        {
            if (Parse(bytes.AsSpan(start, end - start)) is not { } line || (start == 0 && line.Of != fingerprint))
                break;
            if (line.Answers is { } answers)
                Answers[line.Question] = answers;
            if (line.Judgement is { } judgement)
                Judgements[line.Question] = (Judgement)judgement;
            start = end + 1;
        }

        return start;
    }

    private static Line? Parse(ReadOnlySpan<byte> text)
    {
        try
        {
            return JsonSerializer.Deserialize<Line>(text, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private void Write(Line line)
    {
        output.Write([.. JsonSerializer.SerializeToUtf8Bytes(line, Json), (byte)'\n']);
        output.Flush();
    }

    private sealed record Line
    {
        public string? Of { get; init; }

        public int Question { get; init; }

        public ComparedAnswers? Answers { get; init; }

        public int? Judgement { get; init; }
    }
}
