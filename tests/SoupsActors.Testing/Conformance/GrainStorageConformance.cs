using FsCheck;
using FsCheck.Fluent;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace SoupsActors.Testing.Conformance;

/// <summary>
/// What every grain storage must do: random sequences of operations by two holders of each of several states, against a
/// dictionary that says what must happen. A storage's tests derive from this class and say how the storage is opened.
/// </summary>
public abstract class GrainStorageConformance
{
    private const int Runs = 40;

    /// <summary>What a holder may do.</summary>
    private enum Act
    {
        Read,
        Write,
        Clear,
        Reopen,
    }

    /// <summary>Opens the store of a run: an empty one the first time, and after that with what was written.</summary>
    protected abstract Task<IGrainStorage> OpenAsync(int run);

    /// <summary>Closes the store of a run.</summary>
    protected virtual Task CloseAsync(int run) => Task.CompletedTask;

    /// <summary>Whether the store keeps what was written when it is closed and opened again.</summary>
    protected abstract bool IsDurable { get; }

    [Fact]
    public void Storage_does_what_the_model_says()
    {
        var steps =
            from act in Gen.Frequency(
                (5, Gen.Constant(Act.Read)), (8, Gen.Constant(Act.Write)), (3, Gen.Constant(Act.Clear)), (
                    1, Gen.Constant(Act.Reopen)))
            from holder in Gen.Choose(0, 1)
            from grain in Gen.Choose(0, 1)
            from name in Gen.Choose(0, 1)
            from value in Gen.Choose(0, 1000)
            select new Step(act, holder, (grain, name), value);
        var runs = 0;
        Prop.ForAll(steps.ListOf().ToArbitrary(), async list => await new Model(this, runs++).RunAsync(list))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(Runs));
    }

    [Fact]
    public async Task Of_two_writers_at_once_one_is_refused()
    {
        const int run = -1;
        var storage = await OpenAsync(run);
        var grain = GrainId.Create("note", "race");
        for (var round = 0; round < 20; round++)
        {
            var states = new[] { new GrainState<StoredNote>(), new GrainState<StoredNote>() };
            foreach (var state in states)
            {
                await storage.ReadStateAsync("state", grain, state);
                state.State = new StoredNote { Value = round };
            }

            var refused = 0;
            await Task.WhenAll(states.Select(state => Task.Run(async () =>
            {
                try
                {
                    await storage.WriteStateAsync("state", grain, state);
                }
                catch (InconsistentStateException)
                {
                    Interlocked.Increment(ref refused);
                }
            })));
            Assert.Equal(1, refused);
        }

        await CloseAsync(run);
    }

    private sealed record Step(Act Act, int Holder, (int Grain, int Name) Key, int Value);

    private sealed class Model(GrainStorageConformance subject, int run)
    {
        private readonly Dictionary<(int, int), (string ETag, int Value)> stored = [];
        private readonly Dictionary<(int, (int, int)), GrainState<StoredNote>> held = [];
        private IGrainStorage storage = null!;

        public async Task RunAsync(IEnumerable<Step> steps)
        {
            storage = await subject.OpenAsync(run);
            foreach (var step in steps)
                await RunAsync(step);
            await subject.CloseAsync(run);
        }

        private async Task RunAsync(Step step)
        {
            if (step.Act == Act.Reopen)
            {
                if (!subject.IsDurable)
                    return;
                await subject.CloseAsync(run);
                storage = await subject.OpenAsync(run);
                return;
            }

            var grain = GrainId.Create("note", $"grain/{step.Key.Grain} ü");
            var name = $"state{step.Key.Name}";
            if (!held.TryGetValue((step.Holder, step.Key), out var state))
                held[(step.Holder, step.Key)] = state = new GrainState<StoredNote>(new StoredNote());
            var fits = state.ETag == (stored.TryGetValue(step.Key, out var row) ? row.ETag : null);
            switch (step.Act)
            {
                case Act.Read:
                    await storage.ReadStateAsync(name, grain, state);
                    AssertHolds(step.Key, state);
                    break;
                case Act.Write when fits:
                    state.State = new StoredNote { Value = step.Value, Text = $"\"{step.Value}\"\n" };
                    await storage.WriteStateAsync(name, grain, state);
                    Assert.NotNull(state.ETag);
                    Assert.NotEqual(row.ETag, state.ETag);
                    Assert.True(state.RecordExists);
                    stored[step.Key] = (state.ETag, step.Value);
                    // The store must hold a copy: what the holder does next is not written.
                    state.State.Value = -1;
                    break;
                case Act.Clear when fits:
                    await storage.ClearStateAsync(name, grain, state);
                    stored.Remove(step.Key);
                    AssertHolds(step.Key, state);
                    break;
                case Act.Write:
                    await Assert.ThrowsAsync<InconsistentStateException>(
                        () => storage.WriteStateAsync(name, grain, state));
                    break;
                default:
                    await Assert.ThrowsAsync<InconsistentStateException>(
                        () => storage.ClearStateAsync(name, grain, state));
                    break;
            }
        }

        private void AssertHolds((int, int) key, GrainState<StoredNote> state)
        {
            var exists = stored.TryGetValue(key, out var row);
            Assert.Equal(exists, state.RecordExists);
            Assert.Equal(exists ? row.ETag : null, state.ETag);
            Assert.Equal(exists ? row.Value : new StoredNote().Value, state.State!.Value);
            Assert.Equal(exists ? $"\"{row.Value}\"\n" : new StoredNote().Text, state.State.Text);
        }
    }
}

/// <summary>The state that the storage tests keep.</summary>
[GenerateSerializer]
public sealed class StoredNote
{
    [Id(0)]
    public int Value { get; set; } = 7;

    [Id(1)]
    public string Text { get; set; } = "empty";
}
