using FsCheck;
using FsCheck.Fluent;
using Orleans.Runtime;
using Orleans.Storage;
using SoupsActors.Grains.Storage;
using SoupsActors.Testing;

namespace SoupsActors.Grains.Tests.Storage;

/// <summary>
/// Random sequences of operations by two holders of each state, against a dictionary that says what must happen.
/// </summary>
public sealed class GrainStorageModelTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    public enum Action
    {
        Read,
        Write,
        Clear,
        Reopen,
    }

    public sealed record Step(Action Action, int Holder, int Grain, int Name, int Value);

    public sealed class Note
    {
        public int Value { get; set; }

        public string Text { get; set; } = "empty";
    }

    [Fact]
    public void storage_does_what_the_model_says()
    {
        var step =
            from action in Gen.Frequency(
                (5, Gen.Constant(Action.Read)), (8, Gen.Constant(Action.Write)), (3, Gen.Constant(Action.Clear)),
                (1, Gen.Constant(Action.Reopen)))
            from holder in Gen.Choose(0, 1)
            from grain in Gen.Choose(0, 1)
            from name in Gen.Choose(0, 1)
            from value in Gen.Choose(0, 1000)
            select new Step(action, holder, grain, name, value);
        var runs = 0;
        Prop.ForAll(step.ListOf().ToArbitrary(), steps => Run(steps, folder[$"{runs++}.db"]))
            .Check(Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    private static async Task Run(IEnumerable<Step> steps, string file)
    {
        var database = SqliteDatabase.Open(file);
        try
        {
            IGrainStorage storage = new SqliteGrainStorage(database);
            var stored = new Dictionary<(int Grain, int Name), (string ETag, int Value)>();
            var held = new Dictionary<(int Holder, int Grain, int Name), GrainState<Note>>();
            foreach (var step in steps)
            {
                if (step.Action == Action.Reopen)
                {
                    database.Dispose();
                    database = SqliteDatabase.Open(file);
                    storage = new SqliteGrainStorage(database);
                    continue;
                }

                var key = (step.Grain, step.Name);
                var holder = (step.Holder, step.Grain, step.Name);
                if (!held.TryGetValue(holder, out var state))
                    held[holder] = state = new GrainState<Note> { State = new Note() };
                var fits = state.ETag == (stored.TryGetValue(key, out var row) ? row.ETag : null);
                var grain = GrainId.Create("note", $"grain/{step.Grain} ü");
                var name = $"state{step.Name}";
                switch (step.Action)
                {
                    case Action.Read:
                        await storage.ReadStateAsync(name, grain, state);
                        AssertHolds(stored, key, state);
                        break;
                    case Action.Write when fits:
                        state.State = new Note { Value = step.Value, Text = $"\"{step.Value}\"\n" };
                        await storage.WriteStateAsync(name, grain, state);
                        Assert.NotNull(state.ETag);
                        Assert.NotEqual(row.ETag, state.ETag);
                        stored[key] = (state.ETag, step.Value);
                        break;
                    case Action.Clear when fits:
                        await storage.ClearStateAsync(name, grain, state);
                        stored.Remove(key);
                        AssertHolds(stored, key, state);
                        break;
                    case Action.Write:
                        await Assert.ThrowsAsync<InconsistentStateException>(
                            () => storage.WriteStateAsync(name, grain, state));
                        break;
                    case Action.Clear:
                        await Assert.ThrowsAsync<InconsistentStateException>(
                            () => storage.ClearStateAsync(name, grain, state));
                        break;
                }
            }
        }
        finally
        {
            database.Dispose();
        }
    }

    private static void AssertHolds(
        Dictionary<(int Grain, int Name), (string ETag, int Value)> stored, (int, int) key, GrainState<Note> state)
    {
        if (stored.TryGetValue(key, out var row))
        {
            Assert.True(state.RecordExists);
            Assert.Equal(row.ETag, state.ETag);
            Assert.Equal(row.Value, state.State!.Value);
            Assert.Equal($"\"{row.Value}\"\n", state.State!.Text);
        }
        else
        {
            Assert.False(state.RecordExists);
            Assert.Null(state.ETag);
            Assert.Equal("empty", state.State!.Text);
        }
    }
}
