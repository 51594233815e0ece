using System.Buffers;
using SoupsActors.Models.Tokenization;

namespace SoupsActors.Serving;

/// <summary>A tokenizer as the engine's source of text; special tokens give none.</summary>
public sealed class TokenizerText(Tokenizer tokenizer) : ITokenText
{
    /// <inheritdoc/>
    public ITokenTextStream CreateStream() => new Stream(tokenizer.CreateStream());

    private sealed class Stream(TextStream stream) : ITokenTextStream
    {
        public void Append(int token, IBufferWriter<char> text) => text.Write(stream.Append(token));

        public void Flush(IBufferWriter<char> text) => text.Write(stream.Flush());
    }
}
