using Orleans.Runtime;
using Orleans.Storage;
using SoupsActors.Grains.State;

namespace SoupsActors.Grains.Tests.Users;

/// <summary>Two activations of one grain, as a divided cluster may have for a moment, write to one record.</summary>
public sealed class SplitWriteTests
{
    private readonly Record record = new();

    [Fact]
    public async Task writes_of_two_activations_are_both_there_in_the_end()
    {
        var (one, two) = (Activation(), Activation());
        await Write(one, "a");
        await Write(two, "b");
        await Write(one, "c");
        Assert.Equal(["a", "b", "c"], record.State!.Words);
        Assert.Equal(["a", "b", "c"], one.Value.Words);
    }

    [Fact]
    public async Task an_operation_that_the_other_activation_applied_is_not_applied_again()
    {
        var (one, two) = (Activation(), Activation());
        await Write(one, "a");
        await Write(two, "a");
        Assert.Equal(["a"], record.State!.Words);
        Assert.Equal(["a"], two.Value.Words);
    }

    [Fact]
    public async Task a_condition_is_decided_anew_on_what_the_other_wrote()
    {
        var (one, two) = (Activation(), Activation());
        await Write(two, "b");
        await Assert.ThrowsAsync<SoupsException>(() => one.UpdateAsync(state => state.Words.Length == 0
            ? new Note { Words = ["mine"] }
            : throw SoupsException.Conflict("It has changed.", "etag_mismatch")));
        Assert.Equal(["b"], record.State!.Words);
    }

    [Fact]
    public async Task where_others_keep_writing_the_conflict_is_told_and_nothing_is_lost()
    {
        var one = Activation();
        record.BeforeWrite = () => record.Change(new Note { Words = [.. record.State?.Words ?? [], "other"] });
        await Assert.ThrowsAsync<InconsistentStateException>(() => Write(one, "a"));
        Assert.True(LostCalls.Is(new InconsistentStateException("")));
        Assert.DoesNotContain("a", record.State!.Words);
        Assert.Equal(record.State.Words, one.Value.Words);
    }

    private static Task<Note> Write(DurableState<Note> state, string word) => state.UpdateAsync(
        note => note.Words.Contains(word) ? null : new Note { Words = [.. note.Words, word] });

    private DurableState<Note> Activation() => new(new Storage(record));

    private sealed record Note
    {
        public string[] Words { get; init; } = [];
    }

    private sealed class Record
    {
        public Note? State { get; private set; }

        public int Version { get; private set; }

        public Action? BeforeWrite { get; set; }

        public void Change(Note? state) => (State, Version) = (state, Version + 1);
    }

    private sealed class Storage(Record record) : IPersistentState<Note>
    {
        public Note State { get; set; } = record.State ?? new Note();

        public string Etag { get; private set; } = $"{record.Version}";

        public bool RecordExists => record.State is not null;

        public Task ReadStateAsync()
        {
            (State, Etag) = (record.State ?? new Note(), $"{record.Version}");
            return Task.CompletedTask;
        }

        public Task WriteStateAsync() => Write(State);

        public Task ClearStateAsync() => Write(null);

        private Task Write(Note? state)
        {
            record.BeforeWrite?.Invoke();
            if (Etag != $"{record.Version}")
                throw new InconsistentStateException("Another version is stored.");
            record.Change(state);
            Etag = $"{record.Version}";
            return Task.CompletedTask;
        }
    }
}
