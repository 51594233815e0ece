using SoupsActors.Models.Experts;
using SoupsActors.Models.Files;
using SoupsActors.Models.Inference;
using SoupsActors.Models.Tests.Files;
using SoupsActors.Models.Tests.Inference;
using SoupsActors.Models.Tests.Transformer;
using SoupsActors.Models.Tokenization.Chat;
using SoupsActors.Tensors;
using SoupsActors.Testing;

namespace SoupsActors.Models.Tests;

public sealed class LanguageModelTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly Backend backend = TestBackend.Create();

    public void Dispose()
    {
        backend.Dispose();
        folder.Dispose();
    }

    [Fact]
    public void A_pretrained_folder_continues_a_text_as_the_golden_answer_does()
    {
        var path = SharedData.Require("data/tinystories-656k");
        using var model = LanguageModel.Load(path, backend, SequenceRun.Options);
        var prompt = model.Tokenizer.Encode("Once upon a time, there was a little girl named Lily.");

        var answer = new GreedyDecoder(model.StepModel, maxSequences: 1, maxLength: 64, chunk: 32)
            .Decode([prompt], [Mix.Empty], newTokens: 5);

        Assert.Equal("<|end_story|>", model.Tokenizer.Decode(answer[0]));
        Assert.Contains(answer[0][^1], model.StopTokens);
        Assert.Same(ChatTemplate.Plain, model.ChatTemplate);
    }

    [Fact]
    public void A_chat_template_can_be_named_and_an_unknown_one_is_refused_with_the_choices()
    {
        WriteFolder();
        using var model = LanguageModel.Load(folder.Path, backend, SequenceRun.Options, chatTemplate: "chatml");
        Assert.Same(ChatTemplate.ChatMl, model.ChatTemplate);

        var error = Assert.Throws<ArgumentException>(
            () => LanguageModel.Load(folder.Path, backend, SequenceRun.Options, chatTemplate: "klingon"));

        Assert.Contains("llama3", error.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Experts_of_this_base_load_and_others_do_not()
    {
        var weights = WriteFolder();
        using var model = LanguageModel.Load(folder.Path, backend, SequenceRun.Options);
        using var otherBase = TestModels.Weights(weights.Config, seed: 5);
        var mine = AdapterFolder.Save(Expert(weights), folder["mine"]);
        AdapterFolder.Save(Expert(otherBase), folder["other"]);

        Assert.Equal(mine, model.LoadExpert(folder["mine"]).Expert);
        Assert.Throws<ExpertMismatchException>(() => model.LoadExpert(folder["other"]));

        static Expert Expert(ModelWeights weights)
        {
            var drawn = TestModels.Expert(weights, 1);
            return ExpertContent.Create(drawn.Name, drawn.Factors, drawn.Provenance);
        }
    }

    private ModelWeights WriteFolder()
    {
        var weights = TestModels.Weights(TestModels.Config);
        weights.Save(folder.Path);
        folder.WriteText("tokenizer.json", """
            {"added_tokens": [], "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "use_regex": false},
             "decoder": {"type": "ByteLevel"}, "model": {"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": []}}
            """);
        return weights;
    }
}
