namespace SoupsActors.Silo.Tests;

public sealed class ExpertEndpointTests(TestServer server) : IClassFixture<TestServer>
{
    private readonly string id = "e" + Guid.NewGuid().ToString("N")[..8];

    [Fact]
    public async Task the_packaged_experts_are_listed_with_their_preferences()
    {
        var (_, experts) = await server.SendAsync(HttpMethod.Get, "/v1/experts");
        var packaged = experts!["data"]!.AsArray().Select(e => (string)e!["id"]!).ToArray();
        Assert.Superset(new HashSet<string> { "P1A", "P2B", "P3A" }, packaged.ToHashSet());
        var (_, preferences) = await server.SendAsync(HttpMethod.Get, "/v1/preferences");
        var byId = preferences!["data"]!.AsArray().ToDictionary(p => (string)p!["id"]!, p => (bool)p!["available"]!);
        Assert.Equal(8, byId.Count);
        Assert.True(byId["P1A"]);
        Assert.False(byId["P1B"]);
    }

    [Fact]
    public async Task a_folder_becomes_an_expert_then_a_new_version_then_nothing()
    {
        var first = server.Model.WriteExpert(Path.Combine(server.ImportDirectory, id, "v1"), id, 100);
        var second = server.Model.WriteExpert(Path.Combine(server.ImportDirectory, id, "v2"), id, 101);
        var (created, body) = await RegisterAsync($"{id}/v1");
        Assert.Equal(201, (int)created.StatusCode);
        Assert.Equal($"/v1/experts/{id}", created.Headers.Location!.ToString());
        Assert.Equal(first.Hash, (string?)body!["current"]!["hash"]);
        Assert.Equal(server.Model.BaseHash, (string?)body["current"]!["base_hash"]);
        Assert.Equal(7, body["current"]!["targets"]!.AsArray().Count);
        var before = await server.AskAsync(null, "Why?", id);

        await RegisterAsync($"{id}/v2");
        Assert.NotEqual(before, await server.AskAsync(null, "Why?", id));
        var (_, back) = await server.SendAsync(HttpMethod.Post, $"/v1/experts/{id}/rollback", "{}");
        Assert.Equal((1, true), ((int)back!["current"]!["number"]!, (bool)back["pinned"]!));
        Assert.Equal(before, await server.AskAsync(null, "Why?", id));
        var (_, free) = await server.SendAsync(HttpMethod.Delete, $"/v1/experts/{id}/pin");
        Assert.Equal(second.Hash, (string?)free!["current"]!["hash"]);
        await server.SendAsync(HttpMethod.Post, $"/v1/experts/{id}/pin", """{"version":1}""");
        Assert.Equal(before, await server.AskAsync(null, "Why?", id));

        var (removed, _) = await server.SendAsync(HttpMethod.Delete, $"/v1/experts/{id}");
        Assert.Equal(200, (int)removed.StatusCode);
        var (gone, _) = await server.SendAsync(HttpMethod.Get, $"/v1/experts/{id}");
        Assert.Equal(404, (int)gone.StatusCode);
    }

    [Fact]
    public async Task a_truncated_file_is_refused_and_leaves_nothing_behind()
    {
        var folder = Path.Combine(server.ImportDirectory, id);
        server.Model.WriteExpert(folder, id, 102);
        var weights = Path.Combine(folder, "adapter_model.safetensors");
        await using (var file = File.OpenWrite(weights))
            file.SetLength(file.Length - 8);
        await AssertRefusedAsync("invalid_expert");
    }

    [Fact]
    public async Task a_file_that_lies_about_its_offsets_is_refused()
    {
        var folder = Path.Combine(server.ImportDirectory, id);
        server.Model.WriteExpert(folder, id, 103);
        var weights = Path.Combine(folder, "adapter_model.safetensors");
        var bytes = await File.ReadAllBytesAsync(weights, TestContext.Current.CancellationToken);
        var text = System.Text.Encoding.Latin1.GetString(bytes).Replace(
            "\"data_offsets\":[0,", "\"data_offsets\":[9,", StringComparison.Ordinal);
        await File.WriteAllBytesAsync(
            weights, System.Text.Encoding.Latin1.GetBytes(text), TestContext.Current.CancellationToken);
        await AssertRefusedAsync("invalid_expert");
    }

    [Fact]
    public async Task an_expert_of_another_base_is_refused()
    {
        server.Model.WriteExpert(Path.Combine(server.ImportDirectory, id), id, 104, baseHash: new string('a', 64));
        await AssertRefusedAsync("expert_mismatch");
    }

    [Fact]
    public async Task weights_that_are_a_link_are_refused()
    {
        var folder = Path.Combine(server.ImportDirectory, id);
        server.Model.WriteExpert(folder, id, 105);
        var weights = Path.Combine(folder, "adapter_model.safetensors");
        File.Move(weights, weights + ".elsewhere");
        File.CreateSymbolicLink(weights, weights + ".elsewhere");
        await AssertRefusedAsync("invalid_expert");
    }

    [Fact]
    public async Task a_missing_file_is_refused_by_name()
    {
        Directory.CreateDirectory(Path.Combine(server.ImportDirectory, id));
        var (response, body) = await RegisterAsync(id);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("adapter_config.json", (string)body!["error"]!["message"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task messages_do_not_show_where_the_data_directory_is()
    {
        var folder = Path.Combine(server.ImportDirectory, id);
        server.Model.WriteExpert(folder, id, 106);
        await File.WriteAllTextAsync(Path.Combine(folder, "adapter_config.json"), "{",
            TestContext.Current.CancellationToken);
        var (_, body) = await RegisterAsync(id);
        Assert.DoesNotContain(server.DataDirectory, body!.ToJsonString(), StringComparison.Ordinal);
    }

    private Task<(HttpResponseMessage Response, System.Text.Json.Nodes.JsonNode? Body)> RegisterAsync(string path) =>
        server.SendAsync(HttpMethod.Post, "/v1/experts", $$"""{"id":"{{id}}","path":"{{path}}"}""");

    private async Task AssertRefusedAsync(string code)
    {
        var store = Path.Combine(server.DataDirectory, "experts");
        var before = Directory.GetDirectories(store);
        var (response, body) = await RegisterAsync(id);
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal(code, (string?)body!["error"]!["code"]);
        Assert.Equal(before, Directory.GetDirectories(store));
        var (unknown, _) = await server.SendAsync(HttpMethod.Get, $"/v1/experts/{id}");
        Assert.Equal(404, (int)unknown.StatusCode);
    }
}
