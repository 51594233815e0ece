using SoupsActors.Models.Experts;
using SoupsActors.Models.Inference;
using SoupsActors.Models.Tests.Transformer;

namespace SoupsActors.Models.Tests.Inference;

public sealed class AllocationTests
{
    [Fact]
    public void A_step_in_the_steady_state_allocates_nothing()
    {
        using var backend = TestBackend.Create();
        using var weights = TestModels.Weights(TestModels.Config);
        using var model = new LlamaStepModel(backend, weights, SequenceRun.Options);
        Expert[] experts = [TestModels.Expert(weights, 1), TestModels.Expert(weights, 2)];
        model.SetExperts(experts);
        var batch = SequenceRun.Batch(model);
        batch.SequenceCount = batch.TokenCount = batch.LogitRowCount = 4;
        Mix[] mixes =
        [
            Mix.Empty,
            TestModels.Product((experts[0], 1)),
            TestModels.Product((experts[0], -1), (experts[1], 2)),
            Mix.Empty,
        ];
        for (var s = 0; s < 4; s++)
        {
            batch.Sequences[s] = batch.LogitRows[s] = s;
            batch.BlockTables[s * batch.TableStride] = s;
        }

        // Other mixes each time, as when requests join and leave.
        for (var warmUp = 0; warmUp < 50; warmUp++)
            Step(warmUp);

        // The first wait for a worker that is late makes the object to wait on, whenever that happens; what steps
        // allocate shows in every round.
        Assert.Equal(0, Enumerable.Range(0, 5).Min(_ => Round()));

        long Round()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var step = 0; step < 20; step++)
                Step(step);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        void Step(int step)
        {
            for (var s = 0; s < 4; s++)
                batch.Mixes[s] = mixes[(s + step) % 4];
            model.Forward(batch);
        }
    }
}
