namespace SoupsActors.Silo.Tests;

public sealed class ManyUsersTests(TestServer server) : IClassFixture<TestServer>
{
    private const int Users = 32;

    [Fact]
    public async Task users_at_the_same_time_get_what_each_gets_alone()
    {
        for (var i = 0; i < Users; i++)
        {
            await server.PutProfileAsync(Name(i), new
            {
                mix = new { P1A = Math.Cos(i), P2B = Math.Sin(i), P3A = (i % 5) / 4.0 },
                merge = "product",
                prompt_texts = i % 2 == 0,
            });
        }

        var alone = new string[Users];
        for (var i = 0; i < Users; i++)
            alone[i] = await AskAsync(i);
        var together = await Task.WhenAll(Enumerable.Range(0, Users).Select(AskAsync));
        Assert.Equal(alone, together);
        Assert.True(alone.Distinct().Count() > Users / 2, "The mixes hardly differ, so the test shows nothing.");
    }

    private Task<string> AskAsync(int i) => server.AskAsync(Name(i), $"Why is {i % 3} so?");

    private static string Name(int i) => $"many-{i}";
}
