using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using SoupsActors.Client.Cluster;
using SoupsActors.Generation;

namespace SoupsActors.Examples;

/// <summary>A minimal API of its own in front of a cluster.</summary>
internal static class WebExample
{
    public static async Task<int> ServeAsync(string[] settings)
    {
        var builder = WebApplication.CreateBuilder(settings);
        builder.AddSoupsClient();
        await using var app = builder.Build();

        // PUT /people/alice/mix {"P1A": 1, "P2B": 0.5}; a repeated Idempotency-Key changes nothing.
        app.MapPut("/people/{id}/mix", async (
            string id, Dictionary<string, double> mix, HttpRequest http, SoupsCluster cluster, CancellationToken stop) =>
        {
            var user = cluster.User(id);
            var now = await user.GetProfileAsync(stop);
            var key = http.Headers["Idempotency-Key"].FirstOrDefault();
            var profile = await user.SetProfileAsync(now.Profile with { Mix = mix }, null, key, stop);
            return Results.Ok(profile.Profile.Mix);
        });

        // GET /people/alice/answer?question=Why; the text as it is made.
        app.MapGet("/people/{id}/answer", async (
            string id, string question, HttpResponse response, SoupsCluster cluster, CancellationToken stop) =>
        {
            response.ContentType = "text/plain; charset=utf-8";
            var request = new TextRequest { Messages = [new("user", question)] };
            await foreach (var piece in cluster.User(id).StreamAsync(request, stop))
            {
                await response.WriteAsync(piece.Text, stop);
                await response.Body.FlushAsync(stop);
            }
        });
        await app.RunAsync();
        return 0;
    }
}
