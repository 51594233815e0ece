using System.ClientModel;
using System.Text;
using OpenAI;
using OpenAI.Chat;
using OpenAI.Models;

namespace SoupsActors.Silo.Tests;

/// <summary>The official OpenAI client against this server.</summary>
public sealed class OpenAiClientTests(TestServer server) : IClassFixture<TestServer>
{
    private static readonly ChatMessage[] Question = [new SystemChatMessage("Be kind."), new UserChatMessage("Why?")];

    private OpenAIClient Client => new(
        new ApiKeyCredential("none"), new OpenAIClientOptions { Endpoint = new Uri(server.Http.BaseAddress!, "/v1") });

    [Fact]
    public async Task it_gets_an_answer_with_usage()
    {
        ChatCompletion answer = await Client.GetChatClient("soup").CompleteChatAsync(
            Question, Options(8), TestContext.Current.CancellationToken);
        Assert.Equal(ChatMessageRole.Assistant, answer.Role);
        Assert.NotEmpty(answer.Content[0].Text);
        Assert.Equal("soup", answer.Model);
        Assert.True(answer.FinishReason is ChatFinishReason.Length or ChatFinishReason.Stop);
        Assert.InRange(answer.Usage.OutputTokenCount, 1, 8);
        Assert.Equal(answer.Usage.InputTokenCount + answer.Usage.OutputTokenCount, answer.Usage.TotalTokenCount);
    }

    [Fact]
    public async Task a_stream_is_the_same_answer_in_pieces()
    {
        var client = Client.GetChatClient("P1A");
        ChatCompletion whole = await client.CompleteChatAsync(Question, Options(16),
            TestContext.Current.CancellationToken);
        var text = new StringBuilder();
        ChatFinishReason? finish = null;
        ChatTokenUsage? usage = null;
        await foreach (var update in client.CompleteChatStreamingAsync(
            Question, Options(16), TestContext.Current.CancellationToken))
        {
            foreach (var part in update.ContentUpdate)
                text.Append(part.Text);
            finish ??= update.FinishReason;
            usage ??= update.Usage;
        }

        Assert.Equal(whole.Content[0].Text, text.ToString());
        Assert.Equal(whole.FinishReason, finish);
        Assert.Equal(whole.Usage.TotalTokenCount, usage!.TotalTokenCount);
    }

    [Fact]
    public async Task it_gets_log_probabilities()
    {
        var options = Options(4);
        options.IncludeLogProbabilities = true;
        options.TopLogProbabilityCount = 3;
        ChatCompletion answer = await Client.GetChatClient("base").CompleteChatAsync(
            Question, options, TestContext.Current.CancellationToken);
        Assert.Equal(answer.Usage.OutputTokenCount, answer.ContentTokenLogProbabilities.Count);
        Assert.All(answer.ContentTokenLogProbabilities, token =>
        {
            Assert.True(token.LogProbability <= 0);
            Assert.Equal(3, token.TopLogProbabilities.Count);
            Assert.True(token.TopLogProbabilities[0].LogProbability >= token.TopLogProbabilities[2].LogProbability);
        });
    }

    [Fact]
    public async Task it_lists_base_soup_and_experts()
    {
        OpenAIModelCollection models = await Client.GetOpenAIModelClient().GetModelsAsync(
            TestContext.Current.CancellationToken);
        Assert.Equal(["soup", "base", "P1A", "P2B", "P3A"], models.Select(m => m.Id));
        OpenAIModel one = await Client.GetOpenAIModelClient().GetModelAsync("P2B",
            TestContext.Current.CancellationToken);
        Assert.Equal("P2B", one.Id);
    }

    [Fact]
    public async Task it_reads_errors()
    {
        var error = await Assert.ThrowsAsync<ClientResultException>(
            () => Client.GetChatClient("nobody").CompleteChatAsync(Question));
        Assert.Equal(404, error.Status);
        Assert.Contains("GET /v1/models", error.Message, StringComparison.Ordinal);
    }

    private static ChatCompletionOptions Options(int tokens) => new()
    {
        MaxOutputTokenCount = tokens,
        Temperature = 0.8f,
#pragma warning disable OPENAI001 // the seed is marked experimental there
        Seed = 42,
#pragma warning restore OPENAI001
        EndUserId = "openai client",
    };
}
