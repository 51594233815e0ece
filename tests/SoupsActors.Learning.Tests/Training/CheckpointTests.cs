using SoupsActors.Learning.Training;
using SoupsActors.Models.Files;
using SoupsActors.Tensors;
using SoupsActors.Testing;

namespace SoupsActors.Learning.Tests.Training;

public sealed class CheckpointTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("soups-checkpoint-").FullName;
    private readonly ReferenceBackend backend = new();

    private string File => Path.Combine(folder, "state.safetensors");

    public void Dispose()
    {
        backend.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(-0.0)]
    [InlineData(double.Epsilon)]
    [InlineData(double.NaN)]
    public void Numbers_come_back_as_the_same_bits(double number)
    {
        new Checkpoint(File, "settings").Save(state => state.Add("number", number));

        var read = 1.0;
        Assert.True(new Checkpoint(File, "settings").TryRestore(state => read = state.Number("number")));
        Assert.Equal(BitConverter.DoubleToInt64Bits(number), BitConverter.DoubleToInt64Bits(read));
    }

    [Fact]
    public void Parameters_and_optimiser_go_on_to_the_bit()
    {
        using var first = new Parameter(backend, "weight", 2, 3);
        using var optimiser = new AdamW(backend, [first], new AdamWOptions());
        first.Load([1, 2, 3, 4, 5, 6]);
        Step(first, optimiser);
        var checkpoint = new Checkpoint(File, "settings");
        checkpoint.Save(state =>
        {
            state.Add("policy", [first]);
            state.Add("adam", optimiser);
        });

        using var second = new Parameter(backend, "weight", 2, 3);
        using var resumed = new AdamW(backend, [second], new AdamWOptions());
        Assert.True(checkpoint.TryRestore(state =>
        {
            state.Load("policy", [second]);
            state.Load("adam", resumed);
        }));
        Step(first, optimiser);
        Step(second, resumed);

        Assert.Equal(2, resumed.StepsTaken);
        Assert.Equal(first.ToArray(), second.ToArray());
    }

    [Fact]
    public void A_checkpoint_of_other_settings_is_refused_and_stays()
    {
        new Checkpoint(File, "these").Save(state => state.Add("step", 1));

        var error = Assert.Throws<InvalidOperationException>(() => new Checkpoint(File, "those").TryRestore(_ => { }));

        Assert.Contains("other settings", error.Message, StringComparison.Ordinal);
        Assert.True(System.IO.File.Exists(File));
    }

    [Fact]
    public void Something_missing_is_named()
    {
        var checkpoint = new Checkpoint(File, "settings");
        Assert.False(checkpoint.TryRestore(_ => { }));
        checkpoint.Save(_ => { });
        var error = Assert.Throws<ModelFormatException>(() => checkpoint.TryRestore(state => state.Integer("step")));
        Assert.Contains("'step'", error.Message, StringComparison.Ordinal);
    }

    private void Step(Parameter parameter, AdamW optimiser)
    {
        using var tape = new Tape(backend);
        tape.Backward(tape.Use(parameter).Square().Sum());
        optimiser.Step(0.01f);
    }
}
