using System.Reflection;
using Orleans;
using Orleans.Runtime;
using SoupsActors.Generation;
using SoupsActors.Silo.Api.OpenAi;
using SoupsActors.Testing;
using SoupsActors.Users;

namespace SoupsActors.Silo.Tests;

public sealed class AnswerSourceTests
{
    private static readonly TextRequest Question = new() { Messages = [new("user", "hi")] };

    private readonly ManualTimeProvider clock = new();

    [Fact]
    public async Task A_lost_call_is_made_again_with_the_same_seed()
    {
        var (source, grain) = Source(losses: 2);
        var answer = Assert.Single(await EndOf(source.AnswerAsync(Question, "alice", 1, default)));
        Assert.Equal("whole", answer.Text);
        Assert.Equal(3, grain.Seeds.Count);
        Assert.NotNull(Assert.Single(grain.Seeds.Distinct()));
    }

    [Fact]
    public async Task Several_answers_have_seeds_of_their_own_that_stay_theirs()
    {
        var (source, grain) = Source(losses: 1);
        Assert.Equal(2, (await EndOf(source.AnswerAsync(Question, "alice", 2, default))).Length);
        Assert.Equal(2, grain.Seeds.Distinct().Count());
        Assert.DoesNotContain(null, grain.Seeds);
    }

    private (AnswerSource Source, LossyUser Grain) Source(int losses)
    {
        var user = DispatchProxy.Create<IUserGrain, LossyUser>();
        var factory = DispatchProxy.Create<IGrainFactory, OneUser>();
        ((OneUser)(object)factory).User = user;
        var grain = (LossyUser)(object)user;
        grain.Losses = losses;
        return (new AnswerSource(factory, clock), grain);
    }

    private async Task<T> EndOf<T>(Task<T> task)
    {
        while (!task.IsCompleted)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        return await task;
    }

    public class OneUser : DispatchProxy
    {
        public IUserGrain? User { get; set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => User;
    }

    /// <summary>Breaks off after the first piece, as often as it is told.</summary>
    public class LossyUser : DispatchProxy
    {
        private readonly Lock gate = new();

        public int Losses { get; set; }

        public List<ulong?> Seeds { get; } = [];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Stream((TextRequest)args![0]!);

        private async IAsyncEnumerable<AnswerPiece> Stream(TextRequest request)
        {
            bool isLost;
            lock (gate)
            {
                Seeds.Add(request.Seed);
                isLost = Losses-- > 0;
            }

            yield return new AnswerPiece { Text = "wh" };
            await Task.Yield();
            if (isLost)
                throw new SiloUnavailableException("The silo was lost.");
            yield return new AnswerPiece { Text = "ole", End = AnswerEnd.Stop, Usage = new AnswerUsage(1, 2), Seed = request.Seed };
        }
    }
}
