using System.Buffers;
using SoupsActors.Models.Tokenization;
using SoupsActors.Serving;

namespace SoupsActors.Grains.Device;

/// <summary>A tokenizer as the engine wants it.</summary>
internal sealed class TokenizerText(Tokenizer tokenizer) : ITokenText
{
    public ITokenTextStream CreateStream() => new Stream(tokenizer.CreateStream());

    private sealed class Stream(TextStream inner) : ITokenTextStream
    {
        public void Append(int token, IBufferWriter<char> text) => text.Write(inner.Append(token));

        public void Flush(IBufferWriter<char> text) => text.Write(inner.Flush());
    }
}
