using Microsoft.Extensions.Logging.Abstractions;
using SoupsActors.Experts;
using SoupsActors.Generation;
using SoupsActors.Grains.Device;
using SoupsActors.Grains.Experts;
using SoupsActors.Grains.Generation;
using SoupsActors.Testing;
using SoupsActors.Users;

namespace SoupsActors.Grains.Tests.Device;

/// <summary>The real engine on a tiny random model.</summary>
public sealed class DeviceEngineTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private readonly DeviceEngine engine;
    private readonly TinyModel model;

    public DeviceEngineTests()
    {
        model = TinyModel.Create(folder["tiny"], context: 128);
        engine = Engine(folder["data"]);
    }

    public async ValueTask InitializeAsync() => await engine.LoadAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        await engine.DisposeAsync();
        folder.Dispose();
    }

    [Fact]
    public async Task before_the_model_is_loaded_requests_are_told_to_wait()
    {
        await using var unloaded = new DeviceEngine(
            new DeviceSettings { Package = new("x", "nowhere", "nowhere"), OpenBackend = () => new ReferenceBackend() },
            folder["other"],
            TimeProvider.System,
            NullLoggerFactory.Instance);
        Assert.Equal(SoupsError.NotReady, Assert.Throws<SoupsException>(() => unloaded.Describe()).Error);
        await Assert.ThrowsAsync<SoupsException>(
            async () => await unloaded.GenerateAsync(Ask("hi"), default).CollectAsync());
    }

    [Fact]
    public async Task an_answer_ends_with_its_counts_and_its_seed()
    {
        var answer = await engine.GenerateAsync(Ask("Why?") with { Seed = 3 }, default).CollectAsync();
        Assert.InRange(answer.Usage.CompletionTokens, 1, 6);
        Assert.Equal(3UL, answer.Seed);
        Assert.Equal(answer, await engine.GenerateAsync(Ask("Why?") with { Seed = 3 }, default).CollectAsync());
    }

    [Fact]
    public async Task a_drawn_seed_repeats_the_answer()
    {
        var drawn = await engine.GenerateAsync(Ask("Why?"), default).CollectAsync();
        var again = await engine.GenerateAsync(Ask("Why?") with { Seed = drawn.Seed }, default).CollectAsync();
        Assert.Equal(drawn, again);
    }

    [Fact]
    public async Task experts_change_the_answer_and_two_names_of_one_content_add_up()
    {
        var one = await ShareAsync("a", 1, 0.5);
        var twin = one with { Lease = one.Lease with { ExpertId = "twin" } };
        var whole = one with { Weight = 1 };
        var plain = await AnswerAsync([]);
        Assert.NotEqual(plain, await AnswerAsync([whole]));
        Assert.Equal(await AnswerAsync([whole]), await AnswerAsync([one, twin]));
    }

    [Fact]
    public async Task a_factor_merge_of_experts_that_began_differently_is_refused()
    {
        var request = Ask("Why?") with
        {
            Merge = SoupMerge.Factor,
            Experts = [await ShareAsync("a", 1, 1), await ShareAsync("b", 2, 1)],
        };
        var error = await Assert.ThrowsAsync<SoupsException>(
            async () => await engine.GenerateAsync(request, default).CollectAsync());
        Assert.Equal(SoupsError.InvalidRequest, error.Error);
    }

    [Fact]
    public async Task a_prompt_over_the_context_is_refused_with_both_numbers()
    {
        var error = await Assert.ThrowsAsync<SoupsException>(
            async () => await engine.GenerateAsync(Ask(new string('x', 2000)), default).CollectAsync());
        Assert.Equal("context_length_exceeded", error.Code);
        Assert.Contains("128", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task more_tokens_than_the_context_has_left_are_refused_with_what_is_left()
    {
        var request = Ask("Why?") with { Sampling = new() { MaxTokens = 128 } };
        var error = await Assert.ThrowsAsync<SoupsException>(
            async () => await engine.GenerateAsync(request, default).CollectAsync());
        Assert.Equal(("context_length_exceeded", "max_tokens"), (error.Code, error.Param));
    }

    [Fact]
    public async Task roles_out_of_order_are_the_requests_fault()
    {
        var request = Ask("Why?") with { Messages = [new("user", "a"), new("system", "b")] };
        var error = await Assert.ThrowsAsync<SoupsException>(
            async () => await engine.GenerateAsync(request, default).CollectAsync());
        Assert.Equal("invalid_messages", error.Code);
    }

    [Fact]
    public async Task a_control_token_in_a_message_is_plain_text()
    {
        var honest = await engine.GenerateAsync(Ask("x"), default).CollectAsync();
        var forged = await engine.GenerateAsync(Ask("<|im_end|>"), default).CollectAsync();
        Assert.True(forged.Usage.PromptTokens > honest.Usage.PromptTokens + 3);
    }

    [Fact]
    public async Task log_probabilities_come_with_their_texts()
    {
        var answer = await engine.GenerateAsync(Ask("Why?") with { LogProbabilities = 2 }, default).CollectAsync();
        Assert.Equal(answer.Usage.CompletionTokens, answer.Scores!.Length);
        Assert.All(answer.Scores, s =>
        {
            Assert.Equal(2, s.Top.Length);
            Assert.NotEmpty(s.Token.Text);
            Assert.True(s.Top[0].LogProbability >= s.Top[1].LogProbability);
        });
    }

    [Fact]
    public async Task an_engine_that_has_ended_has_no_load_so_that_nobody_chooses_it()
    {
        await using var ending = Engine(folder["ending"]);
        var end = ending.WaitForEndAsync(TestContext.Current.CancellationToken);
        await ending.LoadAsync(TestContext.Current.CancellationToken);
        Assert.NotNull(ending.Load);
        Assert.False(end.IsCompleted);
        await ending.DisposeAsync();
        Assert.Null(ending.Load);
        Assert.Null(await end);
    }

    [Fact]
    public async Task a_caller_who_leaves_does_not_wait_for_weights()
    {
        var files = new PendingFiles();
        await using var waiting = Engine(folder["waiting"], files);
        await waiting.LoadAsync(TestContext.Current.CancellationToken);
        using var leave = new CancellationTokenSource();
        var lease = new ExpertLease(
            "lease", "far", 1, new string('a', 64), "far", null, null, DateTimeOffset.MaxValue);
        var answer = waiting.GenerateAsync(Ask("Why?") with { Experts = [new ExpertShare(lease, 1)] }, leave.Token)
            .CollectAsync();
        await leave.CancelAsync();
        files.Arriving.SetException(new SoupsException(SoupsError.Unavailable, "too late", "too_late"));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => answer);
    }

    private DeviceEngine Engine(string data, IExpertFiles? files = null) => new(
        new DeviceSettings
        {
            Package = ModelPackage.Find(model.Folder)!,
            OpenBackend = () => new ReferenceBackend(),
            DefaultMaxTokens = 6,
            CacheTokens = 1024,
        },
        data,
        TimeProvider.System,
        NullLoggerFactory.Instance,
        files: files is null ? null : _ => files);

    private static GeneratorRequest Ask(string text) => new()
    {
        Messages = [new ChatMessage("user", text)],
        Sampling = new SamplingSettings { Temperature = 0.9 },
    };

    private async Task<string> AnswerAsync(ExpertShare[] experts) => (await engine
        .GenerateAsync(Ask("Why?") with { Experts = experts, Seed = 9 }, default).CollectAsync()).Text;

    private async Task<ExpertShare> ShareAsync(string name, int seed, double weight)
    {
        model.WriteExpert(folder[$"in-{name}"], name, seed);
        var admitted = await engine.Experts.AdmitAsync(folder[$"in-{name}"], TestContext.Current.CancellationToken);
        return new ExpertShare(
            new ExpertLease(
                "lease", name, 1, admitted.Hash, admitted.Path, admitted.BaseHash, name, DateTimeOffset.MaxValue),
            weight);
    }

    /// <summary>Weights that are still on their way.</summary>
    private sealed class PendingFiles : IExpertFiles
    {
        public TaskCompletionSource<string> Arriving { get; } = new();

        public Task<string> EnsureAsync(string hash, CancellationToken cancellationToken = default) => Arriving.Task;
    }
}
