using System.Reflection;
using System.Reflection.Emit;

namespace SoupsActors.Actors;

/// <summary>
/// A dynamic assembly for the code generated for one grain interface. It may see internal types of this assembly and of
/// those
/// that the interface comes from, as code generated at compile time could.
/// </summary>
internal static class GeneratedModule
{
    private const string AttributeName = "System.Runtime.CompilerServices.IgnoresAccessChecksToAttribute";

    public static ModuleBuilder For(Type grainInterface)
    {
        var name = new AssemblyName($"{grainInterface.FullName}.Generated");
        var assembly = AssemblyBuilder.DefineDynamicAssembly(name, AssemblyBuilderAccess.Run);
        var module = assembly.DefineDynamicModule(name.Name!);
        var attribute = EmitAttribute(module);
        var seen = new HashSet<Assembly> { typeof(GeneratedModule).Assembly };
        foreach (var used in grainInterface.GetInterfaces().Prepend(grainInterface))
        {
            Add(seen, used);
            foreach (var method in used.GetMethods())
            {
                Add(seen, method.ReturnType);
                foreach (var parameter in method.GetParameters())
                    Add(seen, parameter.ParameterType);
            }
        }

        foreach (var visible in seen)
            assembly.SetCustomAttribute(new CustomAttributeBuilder(attribute, [visible.GetName().Name!]));
        return module;
    }

    private static void Add(HashSet<Assembly> seen, Type type)
    {
        seen.Add(type.Assembly);
        foreach (var argument in type.GetGenericArguments())
            Add(seen, argument);
        if (type.GetElementType() is { } element)
            Add(seen, element);
    }

    // The runtime knows the attribute by name; no library defines it.
    private static ConstructorInfo EmitAttribute(ModuleBuilder module)
    {
        var type = module.DefineType(AttributeName, TypeAttributes.Public | TypeAttributes.Sealed, typeof(Attribute));
        var constructor = type.DefineConstructor(MethodAttributes.Public, CallingConventions.HasThis, [typeof(string)]);
        var il = constructor.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Call, typeof(Attribute).GetConstructor(BindingFlags.Instance | BindingFlags.NonPublic, [])!);
        il.Emit(OpCodes.Ret);
        return type.CreateType().GetConstructor([typeof(string)])!;
    }
}
