using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
using Orleans.Runtime;

namespace SoupsActors.Actors;

/// <summary>
/// Generates, once per grain interface, the class of its references: each method fills in a call object of a class of
/// its own
/// (<see cref="CallEmitter"/>), copying arguments that could change, and hands it to <see cref="Sender"/>.
/// </summary>
internal static class ReferenceEmitter
{
    private static readonly ConcurrentDictionary<Type, Func<GrainHost, GrainId, GrainClass?,
    GrainReference>> Factories = new();
    private static readonly Type[] ConstructorTypes = [typeof(GrainHost), typeof(GrainId), typeof(GrainClass)];
    private static readonly ConstructorInfo BaseConstructor =
        typeof(GrainReference).GetConstructor(BindingFlags.Instance | BindingFlags.NonPublic, ConstructorTypes)!;

    /// <summary>Makes references of an interface.</summary>
    public static Func<GrainHost, GrainId, GrainClass?, GrainReference> For(Type grainInterface) =>
        Factories.GetOrAdd(grainInterface, Emit);

    private static Func<GrainHost, GrainId, GrainClass?, GrainReference> Emit(Type grainInterface)
    {
        var module = GeneratedModule.For(grainInterface);
        var type = module.DefineType(
            $"{grainInterface.Name}.Reference", TypeAttributes.Public | TypeAttributes.Sealed, typeof(
                GrainReference), [grainInterface]);
        EmitConstructorAndFactory(type);
        EmitInterfaceName(type, grainInterface);
        List<CallClass> calls = [];
        foreach (var declaring in grainInterface.GetInterfaces().Prepend(grainInterface))
        {
            foreach (var method in declaring.GetMethods(
                BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            {
                var call = CallEmitter.Emit(module, declaring, method, calls.Count);
                calls.Add(call);
                EmitMethod(type, method, call);
            }
        }

        var created = type.CreateType();
        foreach (var call in calls)
            call.SetMethod();
        return created.GetMethod("Create")!.CreateDelegate<Func<GrainHost, GrainId, GrainClass?, GrainReference>>();
    }

    private static void EmitConstructorAndFactory(TypeBuilder type)
    {
        var constructor = type.DefineConstructor(MethodAttributes.Public, CallingConventions.HasThis, ConstructorTypes);
        var il = constructor.GetILGenerator();
        for (var i = 0; i <= ConstructorTypes.Length; i++)
            il.Emit(OpCodes.Ldarg, i);
        il.Emit(OpCodes.Call, BaseConstructor);
        il.Emit(OpCodes.Ret);

        var factory = type.DefineMethod(
            "Create", MethodAttributes.Public | MethodAttributes.Static, typeof(GrainReference), ConstructorTypes);
        il = factory.GetILGenerator();
        for (var i = 0; i < ConstructorTypes.Length; i++)
            il.Emit(OpCodes.Ldarg, i);
        il.Emit(OpCodes.Newobj, constructor);
        il.Emit(OpCodes.Ret);
    }

    private static void EmitInterfaceName(TypeBuilder type, Type grainInterface)
    {
        var getter = typeof(GrainReference).GetProperty(nameof(GrainReference.InterfaceName))!.GetMethod!;
        var method = type.DefineMethod(
            getter.Name, MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.HideBySig, typeof(
                string), []);
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Ldstr, grainInterface.FullName!);
        il.Emit(OpCodes.Ret);
    }

    private static void EmitMethod(TypeBuilder type, MethodInfo method, CallClass call)
    {
        var parameters = method.GetParameters();
        var builder = type.DefineMethod(
            $"{method.DeclaringType!.FullName}.{method.Name}",
            MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.HideBySig | MethodAttributes.NewSlot,
            method.ReturnType,
            [.. parameters.Select(p => p.ParameterType)]);
        var il = builder.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Newobj, call.Constructor);
        for (var i = 0; i < parameters.Length; i++)
        {
            il.Emit(OpCodes.Dup);
            il.Emit(OpCodes.Ldarg, i + 1);
            if (CallEmitter.CopierFor(parameters[i]) is { } copy)
                il.Emit(OpCodes.Call, copy);
            il.Emit(OpCodes.Stfld, call.Arguments[i]);
        }

        il.Emit(OpCodes.Ldsfld, call.MethodField);
        il.Emit(OpCodes.Call, call.Send);
        il.Emit(OpCodes.Ret);
        type.DefineMethodOverride(builder, method);
    }
}
