using System.Threading.Channels;
using SoupsActors.Dashboard.Data.Playground;
using SoupsActors.Generation;
using SoupsActors.Testing;

namespace SoupsActors.Dashboard.Tests.Playground;

public sealed class AnswerRunTests
{
    private static readonly PlaygroundSetting Setting = new() { Prompt = "Why?" };

    private readonly ManualTimeProvider clock = new();
    private readonly Channel<AnswerPiece> pieces = Channel.CreateUnbounded<AnswerPiece>();
    private readonly Channel<(AnswerPhase Phase, string Text)> shown =
        Channel.CreateUnbounded<(AnswerPhase, string)>();

    [Fact]
    public async Task each_piece_is_shown_when_it_comes_and_the_text_grows()
    {
        var (run, done) = Start(TestContext.Current.CancellationToken);
        foreach (var text in (string[])["The", "The sky", "The sky is", "The sky is blue"])
        {
            await SendAsync(text[run.Text.Length..]);
            Assert.Equal((AnswerPhase.Streaming, text), await NextAsync());
            clock.Advance(TimeSpan.FromSeconds(1));
        }

        pieces.Writer.Complete();
        Assert.Equal((AnswerPhase.Done, "The sky is blue"), await NextAsync());
        Assert.Equal((AnswerPhase.Done, "The sky is blue"), await NextAsync());
        await done;
        Assert.Equal("rules", run.Scores!.Judge);
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromSeconds(4)), (run.FirstText, run.Elapsed));
    }

    [Fact]
    public async Task pieces_that_come_faster_than_people_can_see_are_shown_together()
    {
        var (_, done) = Start(TestContext.Current.CancellationToken);
        await SendAsync("The");
        Assert.Equal("The", (await NextAsync()).Text);
        foreach (var text in (string[])[" sky", " is", " blue"])
            await SendAsync(text);
        pieces.Writer.Complete();
        Assert.Equal((AnswerPhase.Done, "The sky is blue"), await NextAsync());
        await done;
    }

    [Fact]
    public async Task an_answer_that_is_stopped_is_as_long_as_it_was_then()
    {
        using var stop = new CancellationTokenSource();
        var (run, done) = Start(stop.Token);
        await SendAsync("The sky");
        await NextAsync();
        await stop.CancelAsync();
        await done;
        Assert.Equal((AnswerPhase.Stopped, "The sky"), (run.Phase, run.Text));
        Assert.Null(run.Failure);
    }

    [Fact]
    public async Task an_answer_that_breaks_off_says_why_and_keeps_its_text()
    {
        var (run, done) = Start(TestContext.Current.CancellationToken);
        await SendAsync("The sky");
        pieces.Writer.Complete(new SoupsException(SoupsError.Busy, "Come back later.", "busy"));
        await done;
        Assert.Equal((AnswerPhase.Failed, "The sky", "Come back later."), (run.Phase, run.Text, run.Failure));
    }

    private (AnswerRun Run, Task Done) Start(CancellationToken cancellation)
    {
        AnswerRun? run = null;
        run = new AnswerRun(
            PlaygroundGrains.Of(pieces.Reader), clock, () => shown.Writer.WriteAsync((run!.Phase, run.Text)).AsTask());
        return (run, run.RunAsync(new PlaygroundColumn(ColumnKind.Base), Setting, cancellation));
    }

    private ValueTask SendAsync(string text) =>
        pieces.Writer.WriteAsync(new AnswerPiece { Text = text }, TestContext.Current.CancellationToken);

    private ValueTask<(AnswerPhase Phase, string Text)> NextAsync() =>
        shown.Reader.ReadAsync(TestContext.Current.CancellationToken);
}
