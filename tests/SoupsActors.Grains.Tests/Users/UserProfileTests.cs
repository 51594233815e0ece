using SoupsActors.Users;

namespace SoupsActors.Grains.Tests.Users;

public sealed class MemoryUserProfileTests(TestSilo silo) : UserProfileTests(silo), IClassFixture<TestSilo>;

public sealed class PostgreSqlUserProfileTests(PostgreSqlTestSilo silo)
    : UserProfileTests(silo), IClassFixture<PostgreSqlTestSilo>;

public abstract class UserProfileTests(TestSilo silo)
{
    private readonly IUserGrain user = silo.User("user " + Guid.NewGuid());

    [Fact]
    public async Task a_user_who_never_wrote_has_the_default_profile()
    {
        var read = await user.GetProfile();
        Assert.Equal("0", read.ETag);
        Assert.Empty(read.Profile.Mix);
        Assert.Equal(SoupMerge.Product, read.Profile.Merge);
    }

    [Fact]
    public async Task what_was_written_is_read()
    {
        var written = await user.SetProfile(
            new SoupProfile
            {
                Mix = new() { ["P1A"] = 1, ["P2B"] = -0.5 },
                Merge = SoupMerge.Factor,
                PromptTexts = true,
            },
            null,
            TestSilo.Op());
        var read = await user.GetProfile();
        Assert.Equal(written.ETag, read.ETag);
        Assert.Equal(-0.5, read.Profile.Mix["P2B"]);
        Assert.Equal(SoupMerge.Factor, read.Profile.Merge);
        Assert.True(read.Profile.PromptTexts);
    }

    [Fact]
    public async Task a_write_with_an_outdated_tag_is_refused_and_changes_nothing()
    {
        var first = await user.SetProfile(Mix("P1A", 1), "0", TestSilo.Op());
        var second = await user.SetProfile(Mix("P1A", 2), first.ETag, TestSilo.Op());
        var error = await Assert.ThrowsAsync<SoupsException>(
            () => user.SetProfile(Mix("P1A", 3), first.ETag, TestSilo.Op()));
        Assert.Equal("etag_mismatch", error.Code);
        Assert.Equal(second.ETag, (await user.GetProfile()).ETag);
    }

    [Fact]
    public async Task a_repeated_operation_is_applied_once()
    {
        var operation = TestSilo.Op();
        var first = await user.SetProfile(Mix("P1A", 1), "0", operation);
        var later = await user.SetProfile(Mix("P1A", 2), null, TestSilo.Op());
        var repeated = await user.SetProfile(Mix("P1A", 1), "0", operation);
        Assert.NotEqual(first.ETag, later.ETag);
        Assert.Equal(later.ETag, repeated.ETag);
        Assert.Equal(2, (await user.GetProfile()).Profile.Mix["P1A"]);
    }

    [Fact]
    public async Task an_operation_id_cannot_stand_for_two_writes()
    {
        var operation = TestSilo.Op();
        await user.SetProfile(Mix("P1A", 1), null, operation);
        var error = await Assert.ThrowsAsync<SoupsException>(() => user.SetProfile(Mix("P1A", 2), null, operation));
        Assert.Equal("operation_id_reused", error.Code);
        Assert.Equal("operation_id_reused", (await Assert.ThrowsAsync<SoupsException>(
            () => user.ResetProfile(null, operation))).Code);
    }

    [Fact]
    public async Task of_many_conditional_writes_at_once_one_wins()
    {
        var start = await user.SetProfile(Mix("P1A", 1), null, TestSilo.Op());
        var writes = Enumerable.Range(0, 20).Select(async i =>
        {
            try
            {
                await user.SetProfile(Mix("P1A", i), start.ETag, TestSilo.Op());
                return i;
            }
            catch (SoupsException error) when (error.Code == "etag_mismatch")
            {
                return -1;
            }
        });
        var winner = Assert.Single(await Task.WhenAll(writes), i => i >= 0);
        Assert.Equal(winner, (await user.GetProfile()).Profile.Mix["P1A"]);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(100.5)]
    [InlineData(-101)]
    public async Task weights_out_of_range_are_refused(double weight)
    {
        var error = await Assert.ThrowsAsync<SoupsException>(
            () => user.SetProfile(Mix("P1A", weight), null, TestSilo.Op()));
        Assert.Equal("invalid_weight", error.Code);
        Assert.Contains("P1A", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing")]
    [InlineData("not an id")]
    [InlineData("P3A")]
    public async Task unknown_names_are_refused(string name)
    {
        var error = await Assert.ThrowsAsync<SoupsException>(() => user.SetProfile(Mix(name, 1), null, TestSilo.Op()));
        Assert.Equal("unknown_expert", error.Code);
        Assert.Equal("0", (await user.GetProfile()).ETag);
    }

    [Fact]
    public async Task weights_that_cannot_be_normalised_are_refused()
    {
        var profile = new SoupProfile { Mix = new() { ["P1A"] = 1, ["P2B"] = -1 }, Normalize = true };
        var error = await Assert.ThrowsAsync<SoupsException>(() => user.SetProfile(profile, null, TestSilo.Op()));
        Assert.Equal("invalid_weight", error.Code);
    }

    [Fact]
    public async Task resetting_restores_the_default()
    {
        var written = await user.SetProfile(Mix("P1A", 1), null, TestSilo.Op());
        var reset = await user.ResetProfile(written.ETag, TestSilo.Op());
        Assert.NotEqual(written.ETag, reset.ETag);
        Assert.Empty((await user.GetProfile()).Profile.Mix);
    }

    [Theory]
    [MemberData(nameof(WrongSampling))]
    public async Task sampling_out_of_range_is_refused(SamplingSettings sampling, string param)
    {
        var error = await Assert.ThrowsAsync<SoupsException>(
            () => user.SetProfile(new SoupProfile { Sampling = sampling }, null, TestSilo.Op()));
        Assert.Equal(param, error.Param);
    }

    public static TheoryData<SamplingSettings, string> WrongSampling => new()
    {
        { new() { Temperature = -0.1 }, "temperature" },
        { new() { Temperature = double.NaN }, "temperature" },
        { new() { TopP = 0 }, "top_p" },
        { new() { TopK = -1 }, "top_k" },
        { new() { MinP = 1.5 }, "min_p" },
        { new() { RepetitionPenalty = 0 }, "repetition_penalty" },
        { new() { NoRepeatNgram = 65 }, "no_repeat_ngram" },
        { new() { MaxTokens = 0 }, "max_tokens" },
    };

    private static SoupProfile Mix(string name, double weight) => new() { Mix = new() { [name] = weight } };
}
