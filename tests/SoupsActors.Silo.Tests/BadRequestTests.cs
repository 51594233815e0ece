namespace SoupsActors.Silo.Tests;

/// <summary>Wrong requests: each a clear error in OpenAI's shape, after which the server still answers.</summary>
public sealed class BadRequestTests(TestServer server) : IClassFixture<TestServer>
{
    private const string Chat = "/v1/chat/completions";
    private const string Text = "/v1/completions";
    private const string Profile = "/v1/users/bob/profile";

    // Method, path, body, status, code, a word of the message.
    public static TheoryData<string, string, string?, int, string, string> Cases => new()
    {
        { "POST", Chat, Ask(""","user":"a\u0007b" """), 400, "invalid_user", "control" },
        { "POST", Chat, Ask(""","user":"" """), 400, "invalid_user", "empty" },
        { "GET", "/v1/users/a%00b/profile", null, 400, "*", "" },
        { "GET", "/v1/users/a%0Ab/profile", null, 400, "invalid_user", "control" },
        { "GET", "/v1/users/" + new string('x', 257) + "/profile", null, 400, "invalid_user", "257" },
        { "POST", Chat, Ask(""","soup":{"mix":{"P1A":NaN}}"""), 400, "invalid_json", "line 1" },
        { "POST", Chat, Ask(""","soup":{"mix":{"P1A":"NaN"}}"""), 400, "wrong_type", "number" },
        { "POST", Chat, Ask(""","soup":{"mix":{"P1A":1e999}}"""), 400, "invalid_weight", "P1A" },
        { "POST", Chat, Ask(""","soup":{"mix":{"P1A":1e6}}"""), 400, "invalid_weight", "100" },
        { "POST", Chat, Ask(""","soup":{"mix":{"nobody":1}}"""), 400, "unknown_expert", "nobody" },
        { "POST", Chat, Ask(""","soup":{"mix":{"P1A":1,"P1A":2}}"""), 400, "duplicate_field", "twice" },
        { "POST", Chat, Ask(""","soup":{"mixx":{}}"""), 400, "unknown_field", "mixx" },
        { "POST", Chat, Ask(""","soup":{"merge":"linear"}"""), 400, "invalid_merge", "factor" },
        { "POST", Chat, Ask(""","soup":{"top_k":-1}"""), 400, "out_of_range", "soup.top_k" },
        { "POST", Chat, Ask("", model: "nobody"), 404, "model_not_found", "/v1/models" },
        { "POST", Chat, Ask("", model: "../etc/passwd"), 404, "model_not_found", "/v1/models" },
        { "POST", Chat, """{"messages":[{"role":"user","content":"hi"}]}""", 400, "model_required", "soup" },
        { "POST", Chat, """{"model":"soup"}""", 400, "empty_prompt", "message" },
        { "POST", Chat, """{"model":"soup","messages":[]}""", 400, "empty_prompt", "message" },
        { "POST", Chat, """{"model":"soup","messages":[{"role":"user","content":""}]}""", 400, "empty_prompt", "message" },
        { "POST", Chat, """{"model":"soup","messages":[{"content":"hi"}]}""", 400, "invalid_role", "role" },
        { "POST", Chat, """{"model":"soup","messages":[{"role":"tool","content":"hi"},{"role":"user","content":"x"}]}""", 400, "invalid_role", "tool" },
        { "POST", Chat, """{"model":"soup","messages":[{"role":"user","content":7}]}""", 400, "wrong_type", "content" },
        { "POST", Chat, """{"model":"soup","messages":[{"role":"user","content":[{"type":"image_url"}]}]}""", 400, "unsupported", "text" },
        { "POST", Chat, Ask("", text: new string('x', 4000)), 400, "context_length_exceeded", "512" },
        { "POST", Chat, Ask(""","max_tokens":0"""), 400, "out_of_range", "max_tokens" },
        { "POST", Chat, Ask(""","max_tokens":-5"""), 400, "out_of_range", "max_tokens" },
        { "POST", Chat, Ask(""","max_tokens":2000000000"""), 400, "context_length_exceeded", "at most" },
        { "POST", Chat, Ask(""","max_tokens":99999999999999"""), 400, "wrong_type", "whole number" },
        { "POST", Chat, Ask(""","max_tokens":1.5"""), 400, "wrong_type", "whole number" },
        { "POST", Chat, Ask(""","max_tokens":4,"max_completion_tokens":5"""), 400, "invalid_request", "differ" },
        { "POST", Chat, Ask(""","temperature":3"""), 400, "out_of_range", "temperature" },
        { "POST", Chat, Ask(""","temperature":"warm" """), 400, "wrong_type", "number" },
        { "POST", Chat, Ask(""","top_p":0"""), 400, "out_of_range", "top_p" },
        { "POST", Chat, Ask(""","n":0"""), 400, "out_of_range", "`n`" },
        { "POST", Chat, Ask(""","n":16384"""), 400, "out_of_range", "`n`" },
        { "POST", Chat, Ask(""","stop":["a","b","c","d","e"]"""), 400, "out_of_range", "stop" },
        { "POST", Chat, Ask(""","stop":[1]"""), 400, "wrong_type", "stop" },
        { "POST", Chat, Ask(""","stop":"" """), 400, "out_of_range", "stop" },
        { "POST", Chat, Ask(""","logit_bias":{"x":1}"""), 400, "invalid_request", "token id" },
        { "POST", Chat, Ask(""","logit_bias":{"1":101}"""), 400, "out_of_range", "logit_bias" },
        { "POST", Chat, Ask(""","logit_bias":{"999999":1}"""), 400, "*", "" },
        { "POST", Chat, Ask(""","top_logprobs":3"""), 400, "invalid_request", "logprobs" },
        { "POST", Chat, Ask(""","logprobs":true,"top_logprobs":21"""), 400, "out_of_range", "20" },
        { "POST", Chat, Ask(""","presence_penalty":0.5"""), 400, "unsupported", "repetition_penalty" },
        { "POST", Chat, Ask(""","frequency_penalty":0.5"""), 400, "unsupported", "repetition_penalty" },
        { "POST", Chat, Ask(""","tools":[{"type":"function"}]"""), 400, "unsupported", "tools" },
        { "POST", Chat, Ask(""","response_format":{"type":"json_object"}"""), 400, "unsupported", "text" },
        { "POST", Chat, Ask(""","soup":{"history":true}"""), 400, "user_required", "user" },
        { "POST", Chat, Ask(""","soup":{"mix":{}}""", model: "base"), 400, "mix_without_soup", "soup" },
        { "POST", Chat, "{\n  \"model\": \"soup\",\n  \"messages\": [}\n}", 400, "invalid_json", "line 3, column 16" },
        { "POST", Chat, "", 400, "invalid_json", "JSON" },
        { "POST", Chat, "[]", 400, "invalid_json", "object" },
        { "POST", Chat, "{\"a\":" + new string('[', 200), 400, "invalid_json", "JSON" },
        { "POST", Text, """{"model":"base","prompt":""}""", 400, "empty_prompt", "prompt" },
        { "POST", Text, """{"model":"base"}""", 400, "empty_prompt", "prompt" },
        { "POST", Text, """{"model":"base","prompt":["a","b"]}""", 400, "wrong_type", "several" },
        { "POST", Text, """{"model":"base","prompt":"a","suffix":"b"}""", 400, "unsupported", "suffix" },
        { "POST", Text, """{"model":"base","prompt":"a","best_of":3}""", 400, "unsupported", "best_of" },
        { "PUT", Profile, """{"mix":{"P9Z":1}}""", 400, "unknown_expert", "P9Z" },
        { "PUT", Profile, """{"mix":{"P1A":1e30}}""", 400, "invalid_weight", "P1A" },
        { "PUT", Profile, """{"mix":{"P1A":true}}""", 400, "wrong_type", "number" },
        { "PUT", Profile, """{"mix":["P1A"]}""", 400, "wrong_type", "object" },
        { "PUT", Profile, """{"normalise":true}""", 400, "unknown_field", "normalise" },
        { "PUT", Profile, """{"merge":"PRODUCT"}""", 400, "invalid_merge", "product" },
        { "PUT", Profile, """{"history_limit":-1}""", 400, "out_of_range", "history_limit" },
        { "PUT", Profile, """{"sampling":{"temperature":-1}}""", 400, "out_of_range", "temperature" },
        { "PUT", Profile, """{"mix":{"P1A":1,"P2B":-1},"normalize":true}""", 400, "invalid_weight", "normalize" },
        { "POST", "/v1/experts", """{"id":"a b","path":"x"}""", 400, "invalid_expert_id", "letters" },
        { "POST", "/v1/experts", """{"id":"soup","path":"x"}""", 400, "reserved_expert_id", "soup" },
        { "POST", "/v1/experts", """{"id":"a","path":"../tiny/experts/P1A"}""", 400, "invalid_path", "relative" },
        { "POST", "/v1/experts", """{"id":"a","path":"https://example.com/a"}""", 400, "invalid_path", "URL" },
        { "POST", "/v1/experts", """{"id":"a","path":"nothing"}""", 404, "unknown_path", "nothing" },
        { "GET", "/v1/experts/nobody", null, 404, "unknown_expert", "/v1/experts" },
        { "DELETE", "/v1/experts/nobody", null, 404, "unknown_expert", "/v1/experts" },
        { "GET", "/v1/models/nobody", null, 404, "model_not_found", "/v1/models" },
        { "GET", "/v1/nothing", null, 404, "unknown_route", "/openapi/v1.json" },
        { "GET", Chat, null, 405, "method_not_allowed", "POST" },
        { "PATCH", Profile, "{}", 405, "method_not_allowed", "PUT" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task is_refused_clearly(string method, string path, string? body, int status, string code, string word)
    {
        var (response, json) = await server.SendAsync(new HttpMethod(method), path, body);
        using (response)
        {
            Assert.Equal(status, (int)response.StatusCode);
            if (code == "*")
                return;
            var error = json!["error"]!;
            Assert.Equal(code, (string?)error["code"]);
            Assert.Contains(word, (string)error["message"]!, StringComparison.Ordinal);
            Assert.NotNull(error["type"]);
        }
    }

    [Fact]
    public async Task a_body_of_ten_megabytes_is_refused_in_the_same_shape()
    {
        var (response, json) = await server.SendAsync(
            HttpMethod.Post, Chat, Ask("", text: new string('x', 10 << 20)), ("Expect", "100-continue"));
        Assert.Equal(413, (int)response.StatusCode);
        Assert.Equal("body_too_large", (string?)json!["error"]!["code"]);
        response.Dispose();
    }

    [Fact]
    public async Task a_body_that_is_not_declared_as_json_is_refused()
    {
        using var content = new StringContent(Ask(""), System.Text.Encoding.UTF8, "application/x-www-form-urlencoded");
        using var response = await server.Http.PostAsync(Chat, content, TestContext.Current.CancellationToken);
        Assert.Equal(415, (int)response.StatusCode);
        Assert.Contains(
            "Content-Type: application/json",
            await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task fields_that_openai_has_and_we_do_not_are_ignored()
    {
        var (response, _) = await server.SendAsync(
            HttpMethod.Post, Chat, Ask(""","max_tokens":1,"store":true,"metadata":{"a":"b"},"tools":[],"presence_penalty":0"""));
        Assert.Equal(200, (int)response.StatusCode);
        response.Dispose();
    }

    private static string Ask(string more, string model = "soup", string text = "hi") =>
        $$"""{"model":"{{model}}","messages":[{"role":"user","content":"{{text}}"}]{{more}}}""";
}
