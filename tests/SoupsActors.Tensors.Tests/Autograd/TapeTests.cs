using SoupsActors.Testing;

namespace SoupsActors.Tensors.Tests.Autograd;

public sealed class TapeTests : IDisposable
{
    private readonly ReferenceBackend backend = new();

    public void Dispose() => backend.Dispose();

    [Fact]
    public void Gradients_of_several_backward_passes_add_up()
    {
        using var w = new Parameter(backend, "w", 1, 1);
        w.Load([3f]);
        using var tape = new Tape(backend);
        for (var i = 0; i < 2; i++)
        {
            tape.Backward(tape.Use(w).Square());
            tape.Reset();
        }

        Assert.Equal(12f, Gradient(w)[0]);
    }

    [Fact]
    public void A_frozen_parameter_gets_no_gradient_and_stops_the_tape()
    {
        using var frozen = new Parameter(backend, "frozen", 2, 2, trained: false);
        using var tape = new Tape(backend);
        var y = tape.Use(frozen).Sum();
        Assert.False(y.RequiresGradient);
        var error = Assert.Throws<ArgumentException>(() => tape.Backward(y));
        Assert.Contains("trained parameter", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Detached_values_are_constants()
    {
        using var w = new Parameter(backend, "w", 1, 1);
        w.Load([3f]);
        using var tape = new Tape(backend);
        tape.Backward(tape.Use(w) * tape.Use(w).Detach());
        Assert.Equal(3f, Gradient(w)[0]);
    }

    [Fact]
    public void A_second_step_of_the_same_shapes_takes_no_new_memory()
    {
        using var w = new Parameter(backend, "w", 8, 8);
        using var tape = new Tape(backend);
        Step();
        var held = tape.AllocatedBytes;
        Step();
        Assert.Equal(held, tape.AllocatedBytes);

        void Step()
        {
            var x = tape.Constant(new float[24], 3, 8);
            tape.Backward(x.Linear(tape.Use(w)).SiluGate(x).Square().Mean());
            tape.Reset();
        }
    }

    [Fact]
    public void A_loss_that_is_not_a_number_is_refused()
    {
        using var w = new Parameter(backend, "w", 2, 2);
        using var tape = new Tape(backend);
        Assert.Throws<ArgumentException>(() => tape.Backward(tape.Use(w)));
    }

    [Theory]
    [InlineData(1, 64)]
    [InlineData(64, 64)]
    [InlineData(65, 72)]
    [InlineData(1000, 1024)]
    [InlineData(1025, 1152)]
    [InlineData(4_000_000_000, 4_026_531_840)]
    public void Buffers_are_rounded_up_by_at_most_an_eighth(long length, long capacity)
    {
        Assert.Equal(capacity, BufferPool.RoundUp(length));
        Assert.Equal(capacity, BufferPool.RoundUp(capacity));
    }

    [Fact]
    public void Batches_of_ever_other_sizes_share_their_memory()
    {
        using var pool = new BufferPool(backend);
        for (var step = 0; step < 400; step++)
        {
            // Ten buffers at a time, each time a little larger than any before.
            Storage[] lent = [.. Enumerable.Range(0, 10).Select(_ => pool.Rent(1000 + 37 * step))];
            Array.ForEach(lent, pool.Return);
        }

        Assert.InRange(pool.AllocatedBytes, 10 * 15_763 * sizeof(float), 2 * 10 * 16_384 * sizeof(float));
    }

    private float[] Gradient(Parameter parameter)
    {
        var gradient = new float[parameter.Length];
        backend.Download(parameter.Gradient!.Value.Storage, 0, gradient);
        return gradient;
    }
}
